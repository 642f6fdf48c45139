"""`make helm-render`: lint the chart and render each value set anew, with a helm built from its Go module.

Building takes some minutes the first time and needs Go and a network; afterwards helm is in var/bin. What is rendered
is committed with the fingerprints of what it was made of, so that tests hold it to the chart without helm.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.deploy.manifests import CHART, RENDERED, ROOT, SETS, STAMP, VALUE_SETS, stamp

HELM = "helm.sh/helm/v4/cmd/helm@v4.3.1"
HEAD = "# Made by `make helm-render` of the chart and values/{name}.yaml; not to be edited.\n"


def helm() -> Path:
    """Where helm is; built where it is not."""
    folder = ROOT / "var/bin"
    if not (folder / "helm").is_file():
        if shutil.which("go") is None:
            sys.exit("helm is built from its Go module, and there is no `go` on PATH: install Go 1.26 or newer")
        print(f"building {HELM}", file=sys.stderr)
        subprocess.run(["go", "install", HELM], check=True, env={**os.environ, "GOBIN": str(folder)})
    return folder / "helm"


def main() -> None:
    """Render every value set, and stamp what it was made of."""
    program = str(helm())
    for name in SETS:
        values = ["--values", str(VALUE_SETS / f"{name}.yaml")]
        subprocess.run([program, "lint", "--strict", "--quiet", str(CHART), *values], check=True)
        call = [program, "template", "seamline", str(CHART), "--namespace", "seamline", *values]
        text = subprocess.run(call, check=True, capture_output=True, text=True).stdout
        (RENDERED / f"{name}.yaml").write_text(HEAD.format(name=name) + text, encoding="utf-8")
    STAMP.write_text(stamp(), encoding="utf-8")
    print(f"rendered {', '.join(SETS)}")


if __name__ == "__main__":
    main()

{{/* A table of values as TOML: plain keys first, then the tables inside. JSON's scalars and lists are TOML's as well. */}}
{{- define "seamline.toml" -}}
{{- $path := .path -}}
{{- range $key, $value := .table }}
{{- if not (kindIs "map" $value) }}
{{ include "seamline.tomlKey" $key }} = {{ toJson $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $inside := printf "%s%s%s" $path (ternary "." "" (ne $path "")) (include "seamline.tomlKey" $key) }}
[{{ $inside }}]
{{- include "seamline.toml" (dict "path" $inside "table" $value) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "seamline.tomlKey" -}}
{{- if regexMatch "^[A-Za-z0-9_-]+$" . }}{{ . }}{{ else }}{{ toJson . }}{{ end -}}
{{- end -}}

{{- define "seamline.settings" -}}
{{ include "seamline.toml" (dict "path" "" "table" .Values.config) | trim }}
{{- end -}}

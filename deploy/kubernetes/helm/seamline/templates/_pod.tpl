{{/* What the pods of workers, warehouse and Jobs have in common. */}}

{{- define "seamline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "seamline.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Settings that are places inside the pod, and secrets; the environment beats seamline.toml. */}}
{{- define "seamline.environment" -}}
- {name: SEAMLINE_CONFIG, value: /etc/seamline/seamline.toml}
- {name: SEAMLINE_IDENTITY__KEY_FILE, value: /run/secrets/identity/{{ .Values.secrets.identity.key }}}
- {name: SEAMLINE_DEAD_LETTERS__KEY_FILE, value: /run/secrets/dead-letters/{{ .Values.secrets.deadLetters.key }}}
- name: SEAMLINE_CLICKHOUSE__DSN
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.clickhouse.name }}, key: {{ .Values.secrets.clickhouse.key }}}}
{{- if .Values.secrets.kafka.name }}
- name: SEAMLINE_KAFKA__SECURITY__PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.kafka.name }}, key: {{ .Values.secrets.kafka.key }}}}
{{- end }}
{{- if .Values.secrets.kafkaTls.name }}
{{- if .Values.secrets.kafkaTls.ca }}
- {name: SEAMLINE_KAFKA__SECURITY__CA_FILE, value: /run/secrets/kafka-tls/{{ .Values.secrets.kafkaTls.ca }}}
{{- end }}
{{- if .Values.secrets.kafkaTls.certificate }}
- {name: SEAMLINE_KAFKA__SECURITY__CERTIFICATE_FILE, value: /run/secrets/kafka-tls/{{ .Values.secrets.kafkaTls.certificate }}}
- {name: SEAMLINE_KAFKA__SECURITY__KEY_FILE, value: /run/secrets/kafka-tls/{{ .Values.secrets.kafkaTls.key }}}
{{- end }}
{{- end }}
{{- if .Values.secrets.registry.name }}
- name: SEAMLINE_REGISTRY__URL
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.registry.name }}, key: {{ .Values.secrets.registry.key }}}}
{{- end }}
{{- if .Values.secrets.webhook.name }}
- name: SEAMLINE_ALERTS__WEBHOOK__URL
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.webhook.name }}, key: {{ .Values.secrets.webhook.url }}}}
- name: SEAMLINE_ALERTS__WEBHOOK__SECRET
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.webhook.name }}, key: {{ .Values.secrets.webhook.secret }}}}
{{- if .Values.secrets.webhook.secondSecret }}
- name: SEAMLINE_ALERTS__WEBHOOK__SECOND_SECRET
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.webhook.name }}, key: {{ .Values.secrets.webhook.secondSecret }}}}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "seamline.mounts" -}}
- {name: config, mountPath: /etc/seamline, readOnly: true}
- {name: identity, mountPath: /run/secrets/identity, readOnly: true}
- {name: dead-letters, mountPath: /run/secrets/dead-letters, readOnly: true}
{{- if .Values.secrets.kafkaTls.name }}
- {name: kafka-tls, mountPath: /run/secrets/kafka-tls, readOnly: true}
{{- end }}
- {name: state, mountPath: /var/lib/seamline}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{/* `config` names the ConfigMap: that of the release, or the one of its Jobs. */}}
{{- define "seamline.volumes" -}}
- name: config
  configMap: {name: {{ .config }}}
- name: identity
  secret: {secretName: {{ .root.Values.secrets.identity.name }}, defaultMode: 0440}
- name: dead-letters
  secret: {secretName: {{ .root.Values.secrets.deadLetters.name }}, defaultMode: 0440}
{{- if .root.Values.secrets.kafkaTls.name }}
- name: kafka-tls
  secret: {secretName: {{ .root.Values.secrets.kafkaTls.name }}, defaultMode: 0440}
{{- end }}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- end -}}

{{/* The pod of a kind that runs for ever: `kind`, and `of` its values. */}}
{{- define "seamline.pod" -}}
metadata:
  labels:
    {{- include "seamline.labels" . | nindent 4 }}
    {{- with .of.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # Settings are read once, at the start: new ones are new pods.
    seamline/settings: {{ include "seamline.settings" .root | sha256sum }}
    {{- with .of.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "seamline.account" .root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  securityContext:
    {{- include "seamline.podSecurity" . | nindent 4 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets: {{ toJson . }}
  {{- end }}
  containers:
    - name: {{ .kind }}
      image: {{ include "seamline.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      workingDir: /var/lib/seamline
      args: [worker, --roles, {{ join "," .of.roles | quote }}]
      env:
        {{- include "seamline.environment" .root | nindent 8 }}
        - {name: SEAMLINE_WORKER__STATE_FOLDER, value: /var/lib/seamline}
        - {name: SEAMLINE_WORKER__WEB_HOST, value: 0.0.0.0}
        - {name: SEAMLINE_WORKER__WEB_PORT, value: "6066"}
      ports:
        - {name: web, containerPort: 6066}
      startupProbe:
        httpGet: {path: /livez, port: web}
        {{- toYaml .root.Values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet: {path: /livez, port: web}
        {{- toYaml .root.Values.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: web}
        {{- toYaml .root.Values.probes.readiness | nindent 8 }}
      resources:
        {{- toYaml .of.resources | nindent 8 }}
      securityContext:
        {{- include "seamline.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "seamline.mounts" .root | nindent 8 }}
  topologySpreadConstraints:
    {{- range .root.Values.spread }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "seamline.selector" $ | nindent 10 }}
    {{- end }}
  {{- with .of.nodeSelector }}
  nodeSelector: {{ toJson . }}
  {{- end }}
  {{- with .of.tolerations }}
  tolerations: {{ toJson . }}
  {{- end }}
  {{- with .of.affinity }}
  affinity: {{ toJson . }}
  {{- end }}
  volumes:
    {{- include "seamline.volumes" (dict "root" .root "config" (include "seamline.name" .root)) | nindent 4 }}
    {{- if eq .kind "warehouse" }}
    - name: state
      emptyDir: {sizeLimit: 64Mi}
    {{- end }}
{{- end -}}

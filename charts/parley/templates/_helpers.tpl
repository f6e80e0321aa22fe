{{- define "parley.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* Short enough for what is appended to it. */ -}}
{{- define "parley.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "parley.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "parley.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "parley.serviceNames" -}}auth presence messaging rooms signaling session{{- end -}}

{{- /* What pods are found by; never changes in an upgrade. Takes {root, component}. */ -}}
{{- define "parley.selector" -}}
app.kubernetes.io/name: {{ include "parley.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "parley.labels" -}}
{{ include "parley.selector" . }}
app.kubernetes.io/part-of: parley
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* Of one of our processes. Takes {root, service}. */ -}}
{{- define "parley.image" -}}
{{- $image := .root.Values.image -}}
{{- $path := printf "%s/%s" $image.repository .service -}}
{{- if $image.registry }}{{ $path = printf "%s/%s" $image.registry $path }}{{ end -}}
{{- with get $image.digests .service -}}
{{- printf "%s@%s" $path . -}}
{{- else -}}
{{- printf "%s:%s" $path (default $.root.Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* Of somebody else's program: {repository, tag, digest}. */ -}}
{{- define "parley.foreignImage" -}}
{{- if .digest }}{{ printf "%s@%s" .repository .digest }}{{ else }}{{ printf "%s:%s" .repository .tag }}{{ end -}}
{{- end -}}

{{- define "parley.serviceAccountName" -}}
{{- if .Values.serviceAccount.name }}{{ .Values.serviceAccount.name }}{{ else if .Values.serviceAccount.create }}{{ include "parley.fullname" . }}{{ else }}default{{ end -}}
{{- end -}}

{{- define "parley.secretName" -}}
{{- default (include "parley.fullname" .) .Values.secrets.existingSecret -}}
{{- end -}}

{{- define "parley.natsSecretName" -}}
{{- default (printf "%s-nats" (include "parley.fullname" .)) .Values.nats.existingSecret -}}
{{- end -}}

{{- define "parley.postgresSecretName" -}}
{{- default (printf "%s-postgres" (include "parley.fullname" .)) .Values.postgres.existingSecret -}}
{{- end -}}

{{- /*
A value that was made once and stays: what the Secret has, else new. Takes {root, name, key}. NATS and Postgres get it in a
configuration and a URL, so it is letters and digits and begins with a letter. Made once per rendering, too, so that a
checksum is of what is stored.
*/ -}}
{{- define "parley.kept" -}}
{{- if not (hasKey .root.Values "made") }}{{ $_ := set .root.Values "made" dict }}{{ end -}}
{{- $made := .root.Values.made -}}
{{- $place := printf "%s/%s" .name .key -}}
{{- if not (hasKey $made $place) -}}
{{- $found := lookup "v1" "Secret" .root.Release.Namespace .name -}}
{{- $data := (default dict $found).data | default dict -}}
{{- $_ := set $made $place (get $data .key | default (printf "k%s" (randAlphaNum 39) | b64enc)) -}}
{{- end -}}
{{- get $made $place -}}
{{- end -}}

{{- define "parley.secretData" -}}
{{- $name := include "parley.secretName" . -}}
{{- range $key := list "api-keys" "auth-key-secret" "test-password" }}
{{ $key }}: {{ include "parley.kept" (dict "root" $ "name" $name "key" $key) }}
{{- end }}
{{- with .Values.secrets.turnSecret }}
turn-secret: {{ b64enc . }}
{{- end }}
{{- end -}}

{{- /* Ours, and backends of X- messages: they answer those, and like every process see that the streams are there. */ -}}
{{- define "parley.natsUsers" -}}
{{- $users := .Files.Get "files/nats-users.json" | fromJson -}}
{{- range $user, $names := .Values.nats.backends -}}
{{- $publish := list "_INBOX.>" -}}
{{- range $verb := list "INFO" "CREATE" "UPDATE" -}}
{{- range $stream := list "EVENTS" "TOPICS" "KV_gateways" "KV_answers" -}}
{{- $publish = append $publish (printf "$JS.API.STREAM.%s.%s" $verb $stream) -}}
{{- end -}}
{{- end -}}
{{- $subscribe := list "_INBOX.>" -}}
{{- range $names }}{{ $subscribe = append $subscribe (printf "ext.%s" .) }}{{ end -}}
{{- $_ := set $users $user (dict "publish" $publish "subscribe" $subscribe) -}}
{{- end -}}
{{- toRawJson $users -}}
{{- end -}}

{{- define "parley.natsSecretData" -}}
{{- range $user := keys (include "parley.natsUsers" . | fromJson) | sortAlpha }}
{{ $user }}: {{ include "parley.kept" (dict "root" $ "name" (include "parley.natsSecretName" $) "key" $user) }}
{{- end }}
{{- end -}}

{{- /* Pods whose Secrets change start anew. Takes {root, and what else they are told}. */ -}}
{{- define "parley.checksum" -}}
{{- $told := list -}}
{{- if not .Values.secrets.existingSecret }}{{ $told = append $told (include "parley.secretData" .) }}{{ end -}}
{{- if and .Values.nats.enabled (not .Values.nats.existingSecret) }}{{ $told = append $told (include "parley.natsSecretData" .) }}{{ end -}}
{{- join "\n" $told | sha256sum -}}
{{- end -}}

{{- /* From SIGTERM's cause to SIGKILL: wait, drain, close, and a margin for the kubelet. */ -}}
{{- define "parley.gateway.graceSeconds" -}}
{{- $drain := .Values.gateway.drain -}}
{{- add $drain.preStopSeconds $drain.windowSeconds $drain.shutdownSeconds 5 -}}
{{- end -}}

{{- define "parley.natsUrl" -}}
{{- if not .Values.nats.enabled -}}
{{- .Values.externalNats.url -}}
{{- else -}}
{{- $nats := printf "%s-nats" (include "parley.fullname" .) -}}
{{- $urls := list -}}
{{- range $i := until (int .Values.nats.replicas) -}}
{{- $urls = append $urls (printf "nats://%s-%d.%s-pods:4222" $nats $i $nats) -}}
{{- end -}}
{{- join "," $urls -}}
{{- end -}}
{{- end -}}

{{- define "parley.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .runAsUser }}
runAsGroup: {{ .runAsGroup }}
fsGroup: {{ .fsGroup }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "parley.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* What every pod of this chart says of itself. */ -}}
{{- define "parley.podBasics" -}}
serviceAccountName: {{ include "parley.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Where a pod may run: {nodeSelector, tolerations, affinity, priorityClassName}. */ -}}
{{- define "parley.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- /* One environment variable from a key of a Secret: {name, secret, key, optional}. */ -}}
{{- define "parley.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end -}}

{{- define "parley.databaseEnv" -}}
{{- if .Values.postgres.enabled -}}
{{ include "parley.secretEnv" (dict "name" "POSTGRES_PASSWORD" "secret" (include "parley.postgresSecretName" .) "key" "password") }}
- name: PARLEY_DATABASE_URL
  value: postgres://parley:$(POSTGRES_PASSWORD)@{{ include "parley.fullname" . }}-postgres:5432/parley
{{- else -}}
{{ include "parley.secretEnv" (dict "name" "PARLEY_DATABASE_URL" "secret" .Values.externalPostgres.existingSecret "key" .Values.externalPostgres.urlKey) }}
{{- end }}
{{- end -}}

{{- /* How a process logs in to NATS. Takes {root, service}. */ -}}
{{- define "parley.natsLogin" -}}
{{- $external := .root.Values.externalNats -}}
{{- if .root.Values.nats.enabled -}}
- name: PARLEY_NATS_USER
  value: {{ .service }}
{{ include "parley.secretEnv" (dict "name" "PARLEY_NATS_PASSWORD" "secret" (include "parley.natsSecretName" .root) "key" .service) }}
{{- else if eq $external.login "users" -}}
- name: PARLEY_NATS_USER
  value: {{ .service }}
{{ include "parley.secretEnv" (dict "name" "PARLEY_NATS_PASSWORD" "secret" $external.existingSecret "key" .service) }}
{{- else if eq $external.login "user" -}}
{{ include "parley.secretEnv" (dict "name" "PARLEY_NATS_USER" "secret" $external.existingSecret "key" "username") }}
{{ include "parley.secretEnv" (dict "name" "PARLEY_NATS_PASSWORD" "secret" $external.existingSecret "key" "password") }}
{{- else if eq $external.login "token" -}}
{{ include "parley.secretEnv" (dict "name" "PARLEY_NATS_TOKEN" "secret" $external.existingSecret "key" "token") }}
{{- end -}}
{{- end -}}

{{- /* What every process is told. Takes {root, service, shutdownSeconds, options, extraEnv}. */ -}}
{{- define "parley.env" -}}
- name: PARLEY_VERSION
  value: {{ default .root.Chart.AppVersion .root.Values.image.tag | quote }}
- name: PARLEY_LOG_LEVEL
  value: {{ .root.Values.logLevel }}
- name: PARLEY_SHUTDOWN_SECONDS
  value: {{ .shutdownSeconds | quote }}
- name: PARLEY_NATS_URL
  value: {{ include "parley.natsUrl" .root | quote }}
- name: PARLEY_NATS_REPLICAS
  value: {{ ternary .root.Values.nats.replicas .root.Values.externalNats.streamReplicas .root.Values.nats.enabled | quote }}
{{- with include "parley.natsLogin" . }}
{{ . }}
{{- end }}
{{- with .root.Values.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: PARLEY_TRACE_SAMPLE_RATIO
  value: {{ $.root.Values.tracing.sampleRatio | quote }}
{{- end }}
{{- range $name, $value := .options }}
- name: {{ $name }}
  value: {{ include "parley.optionValue" $value | quote }}
{{- end }}
{{- with .extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Helm reads whole numbers as floats, which print as 1e+06; lists and maps are options in JSON. */ -}}
{{- define "parley.optionValue" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- else if or (kindIs "map" .) (kindIs "slice" .) -}}
{{- toRawJson . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{- /*
Startup, readiness and liveness on the metrics port. /livez asks neither NATS nor Postgres; nor does the start, or a long
migration would be cut off halfway.
*/ -}}
{{- define "parley.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: metrics }
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  httpGet: { path: /readyz, port: metrics }
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: { path: /livez, port: metrics }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

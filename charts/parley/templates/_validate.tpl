{{- /* What the schema cannot say: values that need each other. */ -}}
{{- define "parley.validate" -}}
{{- $v := .Values -}}
{{- if and (not $v.nats.enabled) (not $v.externalNats.url) -}}
{{- fail "nats.enabled is false: say where NATS is with externalNats.url" -}}
{{- end -}}
{{- if and (not $v.nats.enabled) (ne $v.externalNats.login "none") (not $v.externalNats.existingSecret) -}}
{{- fail (printf "externalNats.login is %q: name the Secret with externalNats.existingSecret" $v.externalNats.login) -}}
{{- end -}}
{{- if and (not $v.postgres.enabled) (not $v.externalPostgres.existingSecret) -}}
{{- fail "postgres.enabled is false: name the Secret with its URL with externalPostgres.existingSecret" -}}
{{- end -}}
{{- $scaling := $v.gateway.autoscaling -}}
{{- if and $scaling.enabled (lt (int $scaling.maxReplicas) (int $scaling.minReplicas)) -}}
{{- fail "gateway.autoscaling: maxReplicas is below minReplicas" -}}
{{- end -}}
{{- if and $scaling.enabled (not $scaling.connectionsPerPod) (not $scaling.cpuPercent) -}}
{{- fail "gateway.autoscaling: neither connectionsPerPod nor cpuPercent; nothing to scale by" -}}
{{- end -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled is true: name the Gateway in httpRoute.parentRefs" -}}
{{- end -}}
{{- if and $v.httpRoute.enabled (not (or $v.httpRoute.hostnames.http $v.httpRoute.hostnames.topics $v.httpRoute.hostnames.watch)) -}}
{{- fail "httpRoute.enabled is true: give at least one of httpRoute.hostnames.http, .topics, .watch" -}}
{{- end -}}
{{- if and $v.ingress.enabled (not (or $v.ingress.hosts.http $v.ingress.hosts.topics $v.ingress.hosts.watch)) -}}
{{- fail "ingress.enabled is true: give at least one of ingress.hosts.http, .topics, .watch" -}}
{{- end -}}
{{- end -}}

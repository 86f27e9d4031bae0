# Nothing to list: no OIDC provider was found or named.

"""What browsers are told about the hub's own pages: headers and cookies."""

from traitlets.config import Config

from hub_config.settings import HubSettings

# JupyterHub's pages have inline scripts and styles of their own, so both must stay allowed; everything comes from the
# hub itself, and no page may be framed or send a form elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def apply_headers(c: Config, settings: HubSettings) -> None:
    """Set the headers of the hub's pages and how long and to whom its cookies are sent.

    Parameters
    ----------
    c
        The configuration.
    settings
        The hub's settings. With ``subdomain_host`` each session has an origin of its own; to reach it, forms and
        requests must be let through to the subdomains.
    """
    policy = CONTENT_SECURITY_POLICY
    if settings.subdomain_host:
        scheme, _, name = settings.subdomain_host.partition("://")
        wide = f"'self' {scheme}://*.{name}"
        policy = policy.replace("connect-src 'self'", f"connect-src {wide}")
        policy = policy.replace("form-action 'self'", f"form-action {wide}")
    c.JupyterHub.tornado_settings = {
        "headers": HEADERS | {"Content-Security-Policy": policy},
        "cookie_options": {"samesite": "Lax", "httponly": True},
    }
    # Computers in a classroom are shared: who forgets to log out is logged out the next day.
    c.JupyterHub.cookie_max_age_days = 1
    c.JupyterHub.subdomain_host = settings.subdomain_host

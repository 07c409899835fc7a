"""Faults of the edge: web pages, challenges, redirects, and the words of proxies."""

from genmedia_exporter.demo.chaos.row import MODEL, Row, Serve, said, told

__all__ = ["EDGES", "REDIRECTS"]

UNREACHED = "unknown network edge_challenge"
EDGE = "down provider edge_error"
HTML = "unknown network html_answer"
PAGE = b"<html><head><title>%s</title></head><body><h1>%s</h1><hr>%s</body></html>"


def page(status: str, title: str, *headers: str, server: str = "nginx") -> Serve:
    """A web page with that title."""
    text = PAGE % (title.encode(), title.encode(), server.encode())
    return told(text, f"Server: {server}", *headers, status=status, kind="text/html")


def words(status: str, text: str) -> Serve:
    """A line of plain text."""
    return told(text.encode(), status=status, kind="text/plain")


def away(to: str, status: str = "302 Found") -> Serve:
    """A redirect, with the right answer as its body."""
    return told(MODEL, *([f"Location: {to}"] if to else []), status=status)


RAY = "CF-RAY: 8f00demo00000000-HKG"
CHALLENGE = page(
    "403 Forbidden", "Just a moment...", RAY, "cf-mitigated: challenge", server="cloudflare"
)

EDGES = (
    Row("page-sign-in", "a page to sign in, with 200", HTML, said("html")),
    Row("page-parked", "a page of a parked name", HTML, page("200 OK", "This domain is for sale")),
    Row("page-portal", "the page of a hotel's network", "unknown network proxy_error", page("511 Network Authentication Required", "Welcome, please log in")),
    Row("page-proxy", "a page of a proxy that wants a password", "unknown network proxy_error", page("407 Proxy Authentication Required", "Proxy")),
    Row("page-bom", "a page after a byte order mark", HTML, told(b"\xef\xbb\xbf" + PAGE % (b"a", b"a", b"a"), kind="text/html")),
    Row("page-comment", "a page that begins with a comment, called JSON", HTML, told(b"<!-- hi --><html><body>hello</body></html>")),
    Row("page-404", "a page: not found", "unknown network wrong_path", page("404 Not Found", "404 Not Found")),
    Row("page-405", "a page: method not allowed", "unknown network wrong_path", page("405 Not Allowed", "405 Not Allowed")),
    Row("page-403", "a page: forbidden", UNREACHED, page("403 Forbidden", "403 Forbidden")),
    Row("page-429", "a page: too many requests", "rate_limited account rate_limited", page("429 Too Many Requests", "429 Too Many Requests")),
    Row("page-500", "a page: internal server error", EDGE, page("500 Internal Server Error", "500")),
    Row("page-502", "a page: bad gateway", EDGE, said("edge_502")),
    Row("page-502-cloudflare", "Cloudflare's page: bad gateway", EDGE, said("edge_502", server="cloudflare")),
    Row("page-503", "a page: unavailable", EDGE, page("503 Service Unavailable", "503 Service Temporarily Unavailable")),
    Row("page-503-maintenance", "a page: under maintenance", "maintenance provider maintenance", page("503 Service Unavailable", "Down for maintenance")),
    Row("page-520", "Cloudflare's page: unknown error", EDGE, page("520", "520: Web server is returning an unknown error", RAY)),
    Row("page-525", "Cloudflare's page: handshake failed", EDGE, page("525", "525: SSL handshake failed", RAY)),
    Row("challenge", "a challenge of Cloudflare", UNREACHED, CHALLENGE),
    Row("challenge-503", "a challenge of the older kind", UNREACHED, page("503 Service Unavailable", "Just a moment...", RAY, server="cloudflare")),
    Row("challenge-200", "a challenge with 200", UNREACHED, page("200 OK", "Checking your browser")),
    Row("challenge-gateway", "the same challenge at a gateway", "risk_control gateway risk_control", CHALLENGE, like="new-api"),
    Row("cloudflare-1015", "Cloudflare: you are being rate limited", "rate_limited account rate_limited", page("429 Too Many Requests", "Error 1015: You are being rate limited", RAY)),
    Row("cloudflare-1020", "Cloudflare: access denied", UNREACHED, page("403 Forbidden", "Error 1020: Access denied", RAY)),
    Row("cloudflare-1033", "Cloudflare, in plain text: no tunnel", EDGE, words("530", "error code: 1033")),
    Row("envoy-unhealthy", "Envoy: no healthy upstream", EDGE, words("503 Service Unavailable", "no healthy upstream")),
    Row("envoy-timeout", "Envoy: upstream request timeout", "down provider server_timeout", words("504 Gateway Timeout", "upstream request timeout")),
    Row("ingress-404", "an ingress without a service", "unknown network wrong_path", words("404 Not Found", "default backend - 404")),
)  # fmt: skip

ELSEWHERE = "unknown network redirected"
REDIRECTS = (
    Row("redirect-301", "moved permanently, to another host", ELSEWHERE, away("https://example.com/", "301 Moved Permanently")),
    Row("redirect-302", "found, at another host", ELSEWHERE, away("https://example.com/")),
    Row("redirect-303", "see other", ELSEWHERE, away("https://example.com/", "303 See Other")),
    Row("redirect-307", "temporary redirect", ELSEWHERE, away("https://example.com/", "307 Temporary Redirect")),
    Row("redirect-308", "permanent redirect", ELSEWHERE, away("https://example.com/", "308 Permanent Redirect")),
    Row("redirect-nowhere", "a redirect that says not where to", ELSEWHERE, away("")),
    Row("redirect-itself", "a redirect to itself", ELSEWHERE, away("/v1/models/paper-boat")),
    Row("redirect-relative", "a redirect to a page of its own", ELSEWHERE, away("/login")),
    Row("redirect-inside", "a redirect to the metadata of a cloud", ELSEWHERE, away("http://169.254.169.254/latest/meta-data/")),
    Row("redirect-script", "a redirect to a script", ELSEWHERE, away("javascript:alert(1)")),
    Row("redirect-broken", "a redirect to half an address", ELSEWHERE, away("http://[::1")),
    Row("not-modified", "304 to a question without a condition", ELSEWHERE, away("", "304 Not Modified")),
)  # fmt: skip

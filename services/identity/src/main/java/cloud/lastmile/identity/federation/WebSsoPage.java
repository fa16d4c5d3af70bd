package cloud.lastmile.identity.federation;

/** The page that has the browser post a token to the dashboard. */
final class WebSsoPage {
  private WebSsoPage() {}

  static String of(String origin, String token) {
    return """
    <!DOCTYPE html>
    <html lang="en">
      <head><meta charset="utf-8"><title>Logging in</title></head>
      <body>
        <form id="sso" name="sso" action="%s" method="post">
          <input type="hidden" name="token" id="token" value="%s">
          <noscript><input type="submit" value="Continue to the dashboard"></noscript>
        </form>
        <script>window.onload = function() { document.forms['sso'].submit(); }</script>
      </body>
    </html>
    """
        .formatted(escaped(origin), escaped(token));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}

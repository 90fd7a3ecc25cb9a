using System.Net;
using System.Text;

namespace Sisa.Engine.Certifying;

/// <summary>A certificate as one page of HTML: no scripts, nothing loaded from anywhere.</summary>
public static class CertificatePage
{
    /// <summary>Writes the page.</summary>
    /// <param name="request">Name of the request.</param>
    /// <param name="standing">The word that the certificate earns.</param>
    /// <param name="summary">The certificate in one sentence.</param>
    /// <param name="parts">The certificate in words.</param>
    /// <param name="check">How its reader checks the certificate, with FILE and KEY where the certificate and the public key belong.</param>
    public static string Of(string request, string standing, string summary, IReadOnlyList<CertificatePart> parts, string check)
    {
        var page = new StringBuilder();
        page.Append(
            $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Certificate of erasure: {{Encode(request)}}</title>
            <style>
            body { font: 16px/1.5 Georgia, serif; color: #1a1a1a; max-width: 46em; margin: 3em auto; padding: 0 1.5em }
            h1 { font-size: 1.6em; margin-bottom: 0 } .standing { font-size: 1.1em; margin-top: .2em }
            h2 { font-size: 1.05em; border-bottom: 1px solid #bbb; margin-top: 2em; padding-bottom: .2em }
            table { border-collapse: collapse } td { padding: .15em 0; vertical-align: top; overflow-wrap: anywhere }
            td:first-child { padding-right: 1.5em; color: #555; white-space: nowrap } li { margin: .3em 0 }
            .summary { font-size: 1.1em; margin: 1.2em 0 }
            footer { margin-top: 3em; font-size: .85em; color: #555 }
            @page { size: A4; margin: 20mm 18mm }
            @media print {
              body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0; color: #000 }
              h2, .summary { break-after: avoid } tr, li, footer { break-inside: avoid } td:first-child, footer { color: #333 }
            }
            </style>
            </head>
            <body>
            <h1>Certificate of erasure</h1>
            <p class="summary">{{Encode(summary)}}</p>
            <p class="standing">Request {{Encode(request)}}: <strong>{{Encode(standing)}}</strong></p>

            """);
        foreach (var part in parts)
        {
            Add(page, part);
        }

        page.Append(
            $$"""
            <footer>This page is a reading of the signed certificate that was handed over with it, a file whose name ends in <code>.dsse.json</code>. The page proves nothing by itself. Check that file with
            <code>{{Encode(check)}}</code>, where KEY is the issuer's public key from a source that you trust. The file is a DSSE envelope around an in-toto statement,
            so that other programs can check its signature too.</footer>
            </body>
            </html>

            """);
        return page.ToString();
    }

    private static string Encode(string? text) => WebUtility.HtmlEncode(VisibleText.Of(text ?? string.Empty));

    private static void Add(StringBuilder page, CertificatePart part)
    {
        page.Append($"<h2>{Encode(part.Title)}</h2>\n");
        var named = part.Lines.Where(l => l.Name is not null).ToArray();
        if (named.Length > 0)
        {
            page.Append("<table>\n").Append(string.Concat(named.Select(l => $"<tr><td>{Encode(l.Name)}</td><td>{Encode(l.Value)}</td></tr>\n"))).Append("</table>\n");
        }

        var sentences = part.Lines.Where(l => l.Name is null).ToArray();
        if (sentences.Length > 0)
        {
            page.Append("<ul>\n").Append(string.Concat(sentences.Select(l => $"<li>{Encode(l.Value)}</li>\n"))).Append("</ul>\n");
        }
    }
}

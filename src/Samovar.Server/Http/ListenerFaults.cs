using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Samovar.Protocol.Ids;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Samovar.Server.Http;

/// <summary>
/// Answers what the listener cannot read as a request. It would send a status alone; clients look for the error's body, whoever answers.
/// </summary>
/// <remarks>The listener reports such a request here before it answers it, and ends the connection afterwards.</remarks>
internal sealed class ListenerFaults(IdSource ids, TimeProvider time, IOptions<KestrelServerOptions> listener) : DiagnosticSource
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public override bool IsEnabled(string name) => name == BadRequest;

    public override void Write(string name, object? value)
    {
        if (name != BadRequest || value is not IFeatureCollection features) return;
        if (features.Get<IHttpResponseFeature>() is not { HasStarted: false } answer) return; // a body's end that nobody waits for
        if (features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException bad) return;
        features.Get<LastWord>()?.Say(Answer(bad, answer.Headers.Allow, new DefaultHttpContext(features).Request));
    }

    private byte[] Answer(BadHttpRequestException bad, StringValues allow, HttpRequest request)
    {
        var error = HttpFaults.OfHead(bad, request.Method, listener.Value.Limits.RequestHeadersTimeout);
        var id = HttpEdge.NewId(ids);
        var body = ErrorShape.Of(request).Body(error, id);
        IHeaderDictionary headers = new HeaderDictionary();
        (headers.ContentLength, headers.ContentType, headers.Connection) = (body.Length, "application/json", "close");
        headers.Date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        if (allow.Count > 0) headers.Allow = allow;
        HttpEdge.Mark(headers, id);
        var head = new StringBuilder($"HTTP/1.1 {error.Kind.Status} {ReasonPhrases.GetReasonPhrase(error.Kind.Status)}\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. HttpMethods.IsHead(request.Method) ? [] : body];
    }
}

using System.Net;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Errors;

namespace Samovar.Gateway.Wire.Links;

/// <summary>Tells a destination's way what each attempt to connect its link has come to: the link itself tries again without a
/// word.</summary>
/// <param name="connectMax">How long an attempt may take.</param>
internal sealed class LinkWatch(HttpMessageHandler inner, DestinationWay way, TimeSpan connectMax, TimeProvider time)
    : DelegatingHandler(inner)
{
    private const double NearlyAll = 0.9; // who ends it may have begun to count a little earlier

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        try
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.SwitchingProtocols) way.Stands(); // another answer is judged where it is read
            return answer;
        }
        catch (HttpRequestException exception)
        {
            way.IsGone(exception.Message.TrimEnd('.'));
            throw;
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException
            || request.Headers.Upgrade.Count > 0 && time.GetElapsedTime(begun) >= connectMax * NearlyAll)
        {
            way.IsGone($"no answer within {DurationText.Of(connectMax)}");
            throw;
        }
    }
}

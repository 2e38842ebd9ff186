using Samovar.Client.Requests;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Links;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What a turn asks for, as the link's client takes it: it decides itself what the upstream knows already.</summary>
internal static class LinkRequest
{
    public static ResponseRequest For(UpstreamCall call, LinkLane lane)
    {
        var body = ResponsesBody.For(call, call.IsDelta ? lane.Lane.NewestId : null, isFrame: true);
        var (input, settings) = ((IReadOnlyList<RawJson>)[], new Dictionary<string, RawJson>(StringComparer.Ordinal));
        foreach (var (name, value) in new RawJson(body.ToArray()).Fields())
        {
            if (name == "input") input = value.Elements();
            else if (name is not ("type" or "previous_response_id"))
                settings[name] = lane.Settings.TryGetValue(name, out var known) && known == value ? known : value.Copy();
        }
        lane.Settings = settings;
        return new ResponseRequest { Input = input, More = settings, NamesAll = call.Turn.Request.Tools is { HasUnkept: true } };
    }
}

using Samovar.Backends;
using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Budgets;

namespace Samovar.Testing.Upstreams;

/// <summary>Calls for tests of the parts that read and write, without a network.</summary>
internal static class Calls
{
    public static UpstreamCall Of(string kind, IReadOnlyList<Item>? input = null, FlowShare? events = null,
        TurnContext? context = null, TimeProvider? time = null, string model = "m", string? asked = null, string baseUrl = "http://h/v1",
        bool passesKeys = false, int? outputMax = null, string name = "a")
    {
        var options = new DestinationOptions { Name = name, Kind = kind, BaseUrl = baseUrl, Models = { "*" }, PassesKeys = passesKeys };
        return new UpstreamCall
        {
            Destination = new Destination(options, new DestinationState(options, new UpstreamOptions(), TimeProvider.System), _ => null),
            Model = model,
            Events = events,
            Time = time ?? TimeProvider.System,
            Tools = ToolNames.Of([]),
            Conversation = "c",
            Turn = new BackendTurn
            {
                Tenant = TenantId.Local, Id = new ResponseId("resp_1"), Context = context ?? new TurnContext(null, input ?? []),
                Request = new CreateRequest { Model = asked, MaxOutputTokens = outputMax }, Instructions = null, Tools = ToolList.Empty,
            },
        };
    }
}

using System.Text;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Testing.Core;

/// <summary>Nodes of stored chains, as turns would leave them.</summary>
internal sealed class StoredChains
{
    private int _count;

    /// <summary>The settings of a request in JSON, its input included, as a response keeps them.</summary>
    public static CreateRequest Settings(string json) =>
        CreateRequestReader.Read(Encoding.UTF8.GetBytes(json), CreateRequestOrigin.Http, ProtocolLimits.Default).Settings();

    public static Item Item(string json) => ItemReader.Read(Encoding.UTF8.GetBytes(json), ProtocolLimits.Default);

    /// <summary>A response behind another one, under its settings where none are given.</summary>
    public ChainNode Next(
        ChainNode? parent, IReadOnlyList<Item>? input = null, IReadOnlyList<Item>? output = null, CreateRequest? settings = null,
        BackendState? state = null, TenantId? tenant = null)
    {
        var id = new ResponseId($"resp_{++_count}");
        settings ??= parent?.Response.Request ?? Settings("""{"model":"m","input":"hi"}""");
        return new ChainNode
        {
            Tenant = tenant ?? TenantId.Local,
            Id = id,
            Parent = parent,
            Input = input ?? [Ask.User($"question {_count}")],
            Response = new Response
            {
                Id = id,
                CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1_764_967_971 + _count),
                CompletedAt = DateTimeOffset.FromUnixTimeSeconds(1_764_967_972 + _count),
                Status = ResponseStatus.Completed,
                Model = "m",
                Request = settings,
                Instructions = settings.Instructions,
                Tools = settings.Tools ?? ToolList.Empty,
                PreviousResponseId = parent?.Id,
                Output = output ?? [Said($"msg_{_count}", $"answer {_count}")],
                Usage = new Usage(10 * _count, 5, 3, 1),
            },
            State = state,
            Bytes = 1000,
        };
    }

    public static Item Said(string id, string text) =>
        ItemWriter.Message(id, [new OutputPart(PartKind.OutputText, text)], null, ItemStatus.Completed);
}

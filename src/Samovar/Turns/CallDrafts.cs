using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>What a tool call is called.</summary>
internal readonly record struct CallHead(string CallId, string Name, string? Namespace);

/// <summary>A call of a function: its arguments grow.</summary>
internal sealed class FunctionCallDraft(string id, CallHead head, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private readonly StringBuilder _arguments = new();

    public override void Begin() =>
        Publish(new ResponseEvent.OutputItemAdded(Index, Item("", ItemStatus.InProgress).Json));

    public override void Add(string text, RawJson logprobs)
    {
        _arguments.Append(text);
        Publish(new ResponseEvent.FunctionCallArgumentsDelta(Id, Index, text));
    }

    public override Item End(ItemStatus status)
    {
        var arguments = _arguments.ToString();
        Publish(new ResponseEvent.FunctionCallArgumentsDone(Id, Index, arguments));
        return Item(arguments, status);
    }

    private FunctionCallItem Item(string arguments, ItemStatus status) =>
        ItemWriter.FunctionCall(Id, head.CallId, head.Name, arguments, head.Namespace, status);
}

/// <summary>A call of a custom tool: its free text grows.</summary>
internal sealed class CustomCallDraft(string id, CallHead head, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private readonly StringBuilder _input = new();

    public override void Begin() =>
        Publish(new ResponseEvent.OutputItemAdded(Index, Item("", ItemStatus.InProgress).Json));

    public override void Add(string text, RawJson logprobs)
    {
        _input.Append(text);
        Publish(new ResponseEvent.CustomToolCallInputDelta(Id, Index, text));
    }

    public override Item End(ItemStatus status)
    {
        var input = _input.ToString();
        Publish(new ResponseEvent.CustomToolCallInputDone(Id, Index, input));
        return Item(input, status);
    }

    private CustomToolCallItem Item(string input, ItemStatus status) =>
        ItemWriter.CustomToolCall(Id, head.CallId, head.Name, input, head.Namespace, status);
}

using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>What is known of a tool call from its beginning on.</summary>
/// <param name="Extra">What its maker said beside it, see <see cref="CallExtra"/>.</param>
internal readonly record struct CallHead(string CallId, string Name, string? Namespace, bool IsAsync, RawJson Extra);

/// <summary>A call of a function: its arguments grow.</summary>
internal sealed class FunctionCallDraft(string id, CallHead head, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private readonly StringBuilder _text = new();
    private string _arguments = "";

    public override void Begin() =>
        Publish(new ResponseEvent.OutputItemAdded(Index, Item("", ItemStatus.InProgress).Json));

    public override void Add(string text, RawJson logprobs)
    {
        _text.Append(text);
        Publish(new ResponseEvent.FunctionCallArgumentsDelta(Id, Index, text));
    }

    public override void Close(Item? whole)
    {
        _arguments = _text.ToString();
        Publish(new ResponseEvent.FunctionCallArgumentsDone(Id, Index, _arguments, head.Name));
    }

    public override Item Make(ItemStatus status) => Item(_arguments, status);

    private Item Item(string arguments, ItemStatus status) => CallExtra.With(
        ItemWriter.FunctionCall(Id, head.CallId, head.Name, arguments, head.Namespace, status, head.IsAsync), head.Extra);
}

/// <summary>A call of a custom tool: its free text grows.</summary>
internal sealed class CustomCallDraft(string id, CallHead head, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private readonly StringBuilder _text = new();
    private string _input = "";

    public override void Begin() =>
        Publish(new ResponseEvent.OutputItemAdded(Index, Item("", ItemStatus.InProgress).Json));

    public override void Add(string text, RawJson logprobs)
    {
        _text.Append(text);
        Publish(new ResponseEvent.CustomToolCallInputDelta(Id, Index, text));
    }

    public override void Close(Item? whole)
    {
        _input = _text.ToString();
        Publish(new ResponseEvent.CustomToolCallInputDone(Id, Index, _input));
    }

    public override Item Make(ItemStatus status) => Item(_input, status);

    private Item Item(string input, ItemStatus status) => CallExtra.With(
        ItemWriter.CustomToolCall(Id, head.CallId, head.Name, input, head.Namespace, status, head.IsAsync), head.Extra);
}

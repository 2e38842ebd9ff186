using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Tools;

namespace Samovar.Turns;

/// <summary>Turns what a backend reports into the events and items of a response, in the one order that all clients accept.</summary>
/// <remarks>
/// Per item: output_item.added, its parts with their deltas and ends, output_item.done; the same id everywhere; indexes in order of
/// appearance. A backend that breaks the order is a bug and throws.
/// </remarks>
/// <param name="ids">Names items.</param>
/// <param name="itemsMax">Items of a response.</param>
/// <param name="publish">Takes the events.</param>
/// <param name="unheard">Takes the texts of messages, piece by piece, where nobody gets an event of each; null: everybody does.</param>
/// <param name="tools">The tools in force, which say which calls are asynchronous; null for none.</param>
internal sealed class ResponseFold(
    IdSource ids, int itemsMax, Action<ResponseEvent> publish, Action<string, RawJson>? unheard = null, ToolList? tools = null)
    : IItemFold
{
    private readonly List<Item> _output = [];
    private ItemDraft? _open;

    /// <summary>The items that are done.</summary>
    public IReadOnlyList<Item> Output => _output;

    public void Add(BackendEvent e)
    {
        switch (e)
        {
            case BackendEvent.MessageStarted start: Open(Message(start)); break;
            case BackendEvent.ReasoningStarted start: Open(new ReasoningDraft(Name("rs_", start.Id), Next(), publish)); break;
            case BackendEvent.FunctionCallStarted start:
                Open(new FunctionCallDraft(
                    Name("fc_", start.Id), Head(start.CallId, start.Name, start.Namespace, start.Extra), Next(), publish));
                break;
            case BackendEvent.CustomCallStarted start:
                Open(new CustomCallDraft(
                    Name("ctc_", start.Id), Head(start.CallId, start.Name, start.Namespace, start.Extra), Next(), publish));
                break;
            case BackendEvent.Delta delta: Current().Add(delta.Text, delta.Logprobs); break;
            case BackendEvent.Annotation annotation: Current().Annotate(annotation.Json); break;
            case BackendEvent.RefusalDelta delta: Current().AddRefusal(delta.Text); break;
            case BackendEvent.SummaryDelta delta: Current().AddSummary(delta.Text, delta.SummaryIndex); break;
            case BackendEvent.ItemDone done: Close(done.Item ?? Read(done.Whole), done.Status, done.Extra); break;
            case BackendEvent.CarriedItem carried: Carry(carried.Item); break;
            case BackendEvent.CarriedStarted start: Open(new CarriedDraft(start.Id, start.Item, Next(), publish)); break;
            case BackendEvent.CarriedEvent carried when _open is not null: _open.Carry(carried.Type, carried.Json); break;
            case BackendEvent.CarriedEvent carried: publish(new ResponseEvent.Carried(carried.Type, carried.Json)); break;
            case BackendEvent.Finished finished: End(finished.IncompleteReason is not null); break;
            default: throw new InvalidOperationException($"{e.GetType().Name} comes out of turn.");
        }
    }

    private int Next()
    {
        if (_open is not null) throw new InvalidOperationException("An item begins while another is open.");
        if (_output.Count >= itemsMax) throw new ApiException(Errors.ResponseTooLarge, $"{itemsMax} items");
        return _output.Count;
    }

    private string Name(string prefix, string? given) => given ?? ItemId.New(prefix, ids).Value;

    private CallHead Head(string? callId, string name, string? @namespace, RawJson extra) =>
        new(callId ?? CallId.New(ids).Value, name, @namespace, tools?.IsAsync(name, @namespace) == true, extra);

    private MessageDraft Message(BackendEvent.MessageStarted start) =>
        new(Name("msg_", start.Id), start.Phase, Next(), publish) { Unheard = unheard };

    private ItemDraft Current() => _open ?? throw new InvalidOperationException("No item is open.");

    private void Open(ItemDraft draft)
    {
        _open = draft;
        draft.Begin();
    }

    /// <summary>An item that is still open ends as the turn does: what a limit cut off is incomplete, and it is the last.</summary>
    private void End(bool isIncomplete)
    {
        if (_open is not null) Close(whole: null, isIncomplete ? ItemStatus.Incomplete : ItemStatus.Completed);
    }

    private void Close(Item? whole, ItemStatus status, RawJson extra = default)
    {
        var draft = Current();
        draft.Close(whole);
        _open = null;
        Done(whole is null ? CallExtra.With(draft.Make(status), extra) : Known(whole));
    }

    /// <summary>An upstream's own call: it says that it is asynchronous where its tool is, though the upstream does not.</summary>
    private Item Known(Item whole) => whole switch
    {
        FunctionCallItem { IsAsync: false } call when tools?.IsAsync(call.Name, call.Namespace) == true =>
            call with { IsAsync = true, Json = ItemWriter.WithAsync(call.Json) },
        CustomToolCallItem { IsAsync: false } call when tools?.IsAsync(call.Name, call.Namespace) == true =>
            call with { IsAsync = true, Json = ItemWriter.WithAsync(call.Json) },
        _ => whole,
    };

    private static Item? Read(RawJson whole) => whole.IsEmpty ? null : ItemReader.ReadOrKeep(whole, ProtocolLimits.Peer);

    private void Carry(RawJson json)
    {
        var index = Next();
        publish(new ResponseEvent.OutputItemAdded(index, json));
        Done(ItemReader.ReadOrKeep(json, ProtocolLimits.Peer));
    }

    private void Done(Item item)
    {
        publish(new ResponseEvent.OutputItemDone(_output.Count, item));
        _output.Add(item);
    }
}

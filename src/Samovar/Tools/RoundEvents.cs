using System.Text;
using Samovar.Backends;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>What a model says in one round, as the response has it: calls of tools that run here are begun, and become items of their
/// own.</summary>
/// <remarks>
/// A call runs as soon as its arguments are whole, beside what the model goes on to write. A response has one open item at a time, so what
/// comes behind a call waits until the call is over; it is no more than one round's output.
/// </remarks>
internal sealed class RoundEvents(ToolOffer offer, ServerCalls calls, ToolList tools, bool wantsSources, IdSource ids)
{
    private readonly RoundId _round = RoundId.New(ids);
    private readonly Queue<Step> _steps = new();
    private readonly StringBuilder _arguments = new();
    private Open? _open;
    private int _items;

    /// <summary>Whether a tool was called whose result the model waits for.</summary>
    public bool HasCalled { get; private set; }

    /// <summary>Whether something is left to the client: a call of its own tools, or an approval.</summary>
    public bool IsLeftToClient { get; private set; }

    /// <summary>One more event of the backend.</summary>
    public void Take(BackendEvent e)
    {
        switch (e)
        {
            case BackendEvent.FunctionCallStarted start: Begin(start); break;
            case BackendEvent.CustomCallStarted start:
                IsLeftToClient |= !tools.IsAsync(start.Name, start.Namespace);
                Put(start with { Id = start.Id ?? Name("ctc_") });
                break;
            case BackendEvent.Delta delta when _open is { } open:
                _arguments.Append(delta.Text);
                if (open.IsShown) Put(new BackendEvent.CarriedEvent("response.mcp_call_arguments.delta", McpJson.Delta(delta.Text)));
                break;
            case BackendEvent.ItemDone done when _open is { } open: End(open, done); break;
            case BackendEvent.MessageStarted start: Put(start with { Id = start.Id ?? Name("msg_") }); break;
            case BackendEvent.ReasoningStarted start: Put(start with { Id = start.Id ?? Name("rs_") }); break;
            default: Put(e); break;
        }
    }

    /// <summary>The next event, where it is there already.</summary>
    public BackendEvent? Ready()
    {
        while (_steps.TryPeek(out var step))
        {
            if (step.Outcome is null)
            {
                _steps.Dequeue();
                return step.Event;
            }
            if (!step.Outcome.IsCompletedSuccessfully) return null;
            Settle();
        }
        return null;
    }

    /// <summary>The next event, when what runs is over; null behind the last.</summary>
    public async ValueTask<BackendEvent?> NextAsync()
    {
        if (_open is { } cut) End(cut, new BackendEvent.ItemDone { Status = ItemStatus.Incomplete });
        while (true)
        {
            if (Ready() is { } ready) return ready;
            if (!_steps.TryPeek(out var step)) return null;
            await step.Outcome!;
        }
    }

    private string Name(string prefix) =>
        _round.Name(prefix, (++_items).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private void Put(BackendEvent e) => _steps.Enqueue(new(e, null, null));

    private void Begin(BackendEvent.FunctionCallStarted start)
    {
        var callId = start.CallId ?? CallId.New(ids).Value;
        if (offer.Find(start.Namespace, start.Name) is not { } tool)
        {
            IsLeftToClient |= !tools.IsAsync(start.Name, start.Namespace);
            Put(start with { CallId = callId, Id = start.Id ?? Name("fc_") });
            return;
        }
        _arguments.Clear();
        var prefix = tool.Search is not null ? "ws_" : tool.NeedsApproval ? ServedCall.RequestPrefix : "mcp_";
        _open = new Open(tool, _round.Name(prefix, callId), IsShown: tool is { Search: null, NeedsApproval: false });
        if (!_open.IsShown) return;
        Put(new BackendEvent.CarriedStarted(_open.Id, McpJson.Call(new(_open.Id, tool, ""), "in_progress")));
        Put(new BackendEvent.CarriedEvent("response.mcp_call.in_progress", McpJson.Progress));
    }

    private void End(Open open, BackendEvent.ItemDone done)
    {
        _open = null;
        var arguments = _arguments.Length == 0 && Whole(done) is FunctionCallItem { Arguments: { } written }
            ? written : _arguments.ToString();
        var item = new ServedItem(open.Id, open.Tool, arguments.Length == 0 ? "{}" : arguments);
        if (done.Status == ItemStatus.Incomplete) // nobody can run half a call
        {
            if (open.IsShown) Put(new BackendEvent.ItemDone(McpJson.Call(item, "incomplete")));
            return;
        }
        if (open.Tool.NeedsApproval)
        {
            IsLeftToClient = true;
            calls.Asked(open.Tool);
            Put(new BackendEvent.CarriedItem(McpJson.Request(item)));
            return;
        }
        HasCalled = true;
        if (open.Tool.Search is { } search) foreach (var e in ServedEvents.SearchBegun(item, search)) Put(e);
        else Put(new BackendEvent.CarriedEvent("response.mcp_call_arguments.done", McpJson.Arguments(item.Arguments)));
        _steps.Enqueue(new(null, item, calls.Start(item)));
    }

    private static Item? Whole(BackendEvent.ItemDone done) =>
        done.Item ?? (done.Whole.IsEmpty ? null : ItemReader.ReadOrKeep(done.Whole, ProtocolLimits.Peer));

    /// <summary>Puts what became of the first call in its place.</summary>
    private void Settle()
    {
        var step = _steps.Dequeue();
        Step[] later = [.. _steps];
        _steps.Clear();
#pragma warning disable VSTHRD002, VSTHRD103 // it is over
        var outcome = step.Outcome!.Result;
#pragma warning restore VSTHRD002, VSTHRD103
        foreach (var e in ServedEvents.Over(step.Item!, outcome, wantsSources)) Put(e);
        foreach (var one in later) _steps.Enqueue(one);
    }

    /// <param name="IsShown">Whether the item is there while its arguments are written.</param>
    private sealed record Open(ServedTool Tool, string Id, bool IsShown);

    /// <summary>An event, or a call whose events are not known yet.</summary>
    private readonly record struct Step(BackendEvent? Event, ServedItem? Item, Task<ServedOutcome>? Outcome);
}

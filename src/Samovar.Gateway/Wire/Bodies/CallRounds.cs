using Samovar.Context;
using Samovar.Protocol.Items;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>A run of items in which every call has one result.</summary>
/// <param name="Items">The items as they may go up.</param>
/// <param name="Open">Calls at their end that what follows may still answer.</param>
internal readonly record struct SettledItems(IReadOnlyList<Item> Items, IReadOnlyList<Item> Open)
{
    /// <summary>How many of the items the model had when it was asked to speak; null where it was not.</summary>
    public int? SpokenAt { get; init; }
}

/// <summary>
/// Puts a history in order for upstreams that refuse it otherwise: the calls that a model made in one go are followed by their results,
/// each once and in the order of the calls, and only then by anything else.
/// </summary>
/// <remarks>
/// A call that was never answered, because the answer was cut off behind it, gets a result that says so. It stands before what came instead
/// of a result, so that the beginning of a history never changes: a response's items are written once, whatever continues them. A result
/// that comes too late for that, or once more, is the user's text. An asynchronous call that waits while the model goes on gets a result
/// that says so, in the same way: its own comes as text, however soon it is known by then.
/// </remarks>
internal sealed class CallRounds
{
    private const string NotRun = "Not run: the answer was cut off at this call.";
    private readonly IReadOnlyList<Item> _items; // the open calls of before, and those of this run
    private readonly int _openBefore;
    private readonly bool _keepsOrder, _takesPending;
    private readonly int?[] _resultOf; // by call
    private readonly int[] _go; // how often the model had begun to speak by then
    private readonly bool[] _isResult;
    private readonly Dictionary<string, int> _asking = new(StringComparer.Ordinal); // the call that the next result of its id belongs to
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);
    private readonly int?[] _twin; // the next call with the same id in one go
    private readonly List<int> _round = [];
    private readonly List<Item> _settled = [];
    private readonly List<Item> _open = [];
    private readonly int _lastOther; // behind it are results only, so that more of them may follow

    private CallRounds(IReadOnlyList<Item> items, IReadOnlyList<Item> openBefore, bool isClosed, bool keepsOrder, bool takesPending)
    {
        (_items, _openBefore, _keepsOrder) = ([.. openBefore, .. items], openBefore.Count, keepsOrder);
        _takesPending = takesPending;
        (_resultOf, _isResult, _twin) = (new int?[_items.Count], new bool[_items.Count], new int?[_items.Count]);
        _go = Goes(_items);
        var (roundAt, early) = (0, new List<int>());
        for (var at = 0; at < _items.Count; at++)
        {
            if (at == _openBefore || EndsRound(_items[at])) roundAt = at;
            if (CallId(_items[at]) is { } called) Ask(at, called, roundAt);
            else if (ResultId(_items[at]) is { } id && !TryAssign(at, id)) early.Add(at);
        }
        foreach (var at in early) TryAssign(at, ResultId(_items[at])!); // some stand before their calls
        _lastOther = isClosed ? _items.Count : Array.LastIndexOf(_isResult, false);
    }

    /// <param name="items">The run.</param>
    /// <param name="open">Calls of the run before that are not answered.</param>
    /// <param name="isClosed">Whether the model speaks next, so that nothing can answer a call any more.</param>
    /// <param name="keepsOrder">Whether results stay where they are, for upstreams that take them anywhere.</param>
    /// <param name="takesPending">Whether the upstream knows calls that are asynchronous, and lets them wait.</param>
    public static SettledItems Settle(
        IReadOnlyList<Item> items, IReadOnlyList<Item> open, bool isClosed, bool keepsOrder = false, bool takesPending = false)
    {
        if (open.Count == 0 && !items.Any(static item => CallId(item) is not null || ResultId(item) is not null))
            return new SettledItems(items, []);
        items = WithResults(items, open);
        return new CallRounds(items, open, isClosed, keepsOrder, takesPending).Settled();
    }

    /// <summary>The same where the maker of an answer ran calls itself: what it says that they gave is their result.</summary>
    private static IReadOnlyList<Item> WithResults(IReadOnlyList<Item> items, IReadOnlyList<Item> open)
    {
        if (!items.Any(static item => CarriedResult.CallOf(item) is not null)) return items;
        var calls = open.Concat(items).Select(CallId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. items.Select(item => CarriedResult.CallOf(item) is { } id && calls.Contains(id)
            ? CarriedResult.ResultOf(item) ?? item : item)];
    }

    /// <summary>Calls of one go may have the same id: their results come in the same order.</summary>
    private void Ask(int at, string id, int roundAt)
    {
        if (_last.TryGetValue(id, out var before) && before >= roundAt) _twin[before] = at;
        else _asking[id] = at;
        _last[id] = at;
    }

    private static int[] Goes(IReadOnlyList<Item> items)
    {
        var goes = new int[items.Count];
        for (var at = 1; at < goes.Length; at++) goes[at] = goes[at - 1] + (EndsRound(items[at - 1]) && !EndsRound(items[at]) ? 1 : 0);
        return goes;
    }

    /// <summary>False where nothing was called so yet.</summary>
    private bool TryAssign(int at, string id)
    {
        if (!_asking.TryGetValue(id, out var call)) return false;
        if (_resultOf[call] is not null && _twin[call] is { } next) _asking[id] = call = next;
        if (PendingCall.Is(_items[call]) && _go[at] != _go[call]) return true; // the model has gone on without it
        if (_resultOf[call] is null) (_resultOf[call], _isResult[at]) = (at, true);
        return true;
    }

    /// <summary>Whether something else stands in the place of this result.</summary>
    private bool IsLate(int at, string id) => !_takesPending
        && (!_asking.TryGetValue(id, out var call) || PendingCall.Is(_items[call]) && _go[at] != _go[call]);

    private SettledItems Settled()
    {
        for (var at = 0; at < _openBefore; at++) _round.Add(at);
        for (var at = _openBefore; at < _items.Count; at++)
        {
            var item = _items[at];
            if (EndsRound(item) || _round is [var first, ..] && first < _openBefore) EndRound(at);
            if (ResultId(item) is { } id && (!_keepsOrder || IsLate(at, id))) AddResult(item, id, at);
            else _settled.Add(item);
            if (CallId(item) is not null) _round.Add(at);
        }
        EndRound(_items.Count);
        return new SettledItems(_settled, _open);
    }

    private void EndRound(int at)
    {
        foreach (var call in _round)
        {
            if (_takesPending && PendingCall.Is(_items[call])) continue;
            if (_resultOf[call] is { } result)
            {
                if (!_keepsOrder) _settled.Add(_items[result]);
            }
            else if (at <= _lastOther) _settled.Add(Unanswered(_items[call]));
            else _open.Add(_items[call]);
        }
        _round.Clear();
    }

    /// <summary>A result that stands behind its call already, or has none.</summary>
    private void AddResult(Item item, string id, int at)
    {
        if (_isResult[at]) return;
        var isRepeated = _asking.TryGetValue(id, out var call) && _resultOf[call] is { } first
            && _items[first].Json.Utf8.Span.SequenceEqual(item.Json.Utf8.Span);
        if (!isRepeated) _settled.Add(AsText(item, id));
    }

    private static MessageItem AsText(Item item, string id)
    {
        var output = item is FunctionCallOutputItem function ? function.Output : ((CustomToolCallOutputItem)item).Output;
        return InputItems.Message(Role.User, [
            new InputPart(new ContentPart.Text($"A result of the tool call {id}:\n")),
            .. output.Where(part => part is ContentPart.Text or ContentPart.Image).Select(part => new InputPart(part))]);
    }

    private static Item Unanswered(Item call)
    {
        InputPart[] said = [new InputPart(new ContentPart.Text(PendingCall.Is(call) ? PendingCall.Note : NotRun))];
        return call is CustomToolCallItem ? InputItems.CustomOutput(CallId(call)!, said)
            : InputItems.FunctionOutput(CallId(call)!, said, isError: !PendingCall.Is(call));
    }

    /// <summary>Calls of other kinds may be run by their maker, and need no result.</summary>
    private static string? CallId(Item item) => item is FunctionCallItem or CustomToolCallItem ? ((IToolCall)item).CallId : null;

    private static string? ResultId(Item item) =>
        item is FunctionCallOutputItem or CustomToolCallOutputItem ? ((IToolOutput)item).CallId : null;

    /// <summary>Whether it is not a part of what the model did in one go.</summary>
    private static bool EndsRound(Item item) => item switch
    {
        MessageItem message => message.Role != Role.Assistant,
        UnknownItem unknown => CarriedBlock.Of(unknown).IsEmpty || CarriedBlock.RoleOf(unknown) == "user",
        IToolOutput or AdditionalToolsItem => true,
        _ => false,
    };
}

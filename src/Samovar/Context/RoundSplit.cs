using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Context;

/// <summary>Parts a response's items into the rounds that its model spoke in, with calls and outputs for what ran between.</summary>
/// <remarks>
/// A round is what the model wrote in one go; ids say which items are of one (<see cref="RoundId"/>). What ran comes behind its round: as
/// the next one's input, and where none follows, as what the next turn owes. Items that a client sends stay one list.
/// </remarks>
internal sealed class RoundSplit
{
    private readonly List<(IReadOnlyList<Item> Input, IReadOnlyList<Item> Output)> _rounds = [];
    private readonly List<string> _approved = [];
    private List<Item> _input, _output = [], _owed = [];
    private List<int> _places;
    private RoundId? _round;
    private int _place = -1;

    /// <param name="owed">What came behind the newest response before.</param>
    /// <param name="lists">Lists of tools that are known.</param>
    /// <param name="requests">Calls that wait for an approval.</param>
    public RoundSplit(IReadOnlyList<Item> owed, ServerItemMap lists, ServerItemMap requests) =>
        (_input, _places, Lists, Requests) = ([.. owed], [.. owed.Select(static _ => -1)], lists, requests);

    /// <summary>Lists of tools that were imported, by their server's label.</summary>
    public ServerItemMap Lists { get; private set; }

    /// <summary>Calls that wait for an approval, by the id of its request.</summary>
    public ServerItemMap Requests { get; private set; }

    /// <summary>Requests that were approved and have not run.</summary>
    public IReadOnlyList<string> Approved => _approved;

    /// <summary>Rounds that are over.</summary>
    public IReadOnlyList<(IReadOnlyList<Item> Input, IReadOnlyList<Item> Output)> Rounds => _rounds;

    /// <summary>The newest round's.</summary>
    public IReadOnlyList<Item> Input => _input;
    public IReadOnlyList<Item> Output => _output;

    /// <summary>What ran behind the newest round.</summary>
    public IReadOnlyList<Item> Owed => _owed;

    /// <summary>Where each item of the input stood in what was sent.</summary>
    public IReadOnlyList<int> Places => _places;

    /// <summary>Items that a client sent.</summary>
    /// <param name="items">The items.</param>
    /// <param name="start">The place of the first.</param>
    public void AddInput(IReadOnlyList<Item> items, int start)
    {
        for (var i = 0; i < items.Count; i++)
        {
            _place = start + i;
            Add(items[i], isOutput: false);
        }
        Close(isOutput: false);
        _place = -1;
    }

    /// <summary>Items that a response has.</summary>
    public void AddOutput(IEnumerable<Item> items)
    {
        foreach (var item in items) Add(item, isOutput: true);
    }

    private void Add(Item item, bool isOutput)
    {
        if (!ServerItems.Is(item))
        {
            if (_owed.Count > 0 && !IsOfRound(item)) Close(isOutput);
            Put(item, isOutput);
            return;
        }
        switch (item.Type)
        {
            case ServerItems.ListTools: NoteList(item); break;
            case ServerItems.ApprovalResponse: AddApproval(item, isOutput); break;
            case ServerItems.Call when Asked(item) is { } request: AddApproved(item, request, isOutput); break;
            default: AddCall(item, isOutput); break;
        }
    }

    private bool IsOfRound(Item item) => RoundId.Of(item.Id) is { } round ? round == _round : item is IToolCall;

    private void Put(Item item, bool isOutput)
    {
        if (isOutput)
        {
            _output.Add(item);
            return;
        }
        _input.Add(item);
        _places.Add(_place);
    }

    private void NoteList(Item list)
    {
        if (list.Json.Text("server_label"u8) is { } label && list.Json.Field("error"u8) is { IsEmpty: true } or { IsNull: true })
            Lists = Lists.With(label, list);
    }

    private void AddCall(Item item, bool isOutput)
    {
        if (ServedCall.Of(item) is not { } call)
        {
            Put(item, isOutput); // a provider's, of which nothing more is known
            return;
        }
        var round = RoundId.Of(item.Id);
        if (_owed.Count > 0 && round is not null && round != _round) Close(isOutput);
        _round = round;
        Put(call, isOutput);
        if (item.Type == ServerItems.ApprovalRequest) Requests = Requests.With(item.Id!, item);
        else if (ServedCall.OutputOf(item, call.CallId) is { } output) _owed.Add(output);
    }

    private void AddApproval(Item response, bool isOutput)
    {
        if (response.Json.Text("approval_request_id"u8) is not { } id || Requests.Find(id) is null) return;
        if (response.Json.Field("approve"u8).Utf8.Span.SequenceEqual("true"u8))
        {
            if (!_approved.Contains(id, StringComparer.Ordinal)) _approved.Add(id);
            return;
        }
        Requests = Requests.Without(id);
        Put(ServedCall.Refused(ServedCall.CallIdOf(id), response.Json.Text("reason"u8)), isOutput);
    }

    private Item? Asked(Item call) => call.Json.Text("approval_request_id"u8) is { } id ? Requests.Find(id) : null;

    private void AddApproved(Item call, Item request, bool isOutput)
    {
        Requests = Requests.Without(request.Id!);
        _approved.Remove(request.Id!);
        if (ServedCall.OutputOf(call, ServedCall.CallIdOf(request.Id!)) is not { } output) return;
        Put(output, isOutput && _output.Count > 0); // it ran before the model spoke
    }

    private void Close(bool isOutput)
    {
        if (!isOutput)
        {
            foreach (var output in _owed) Put(output, isOutput: false);
            _owed.Clear();
        }
        else
        {
            _rounds.Add((_input, _output));
            (_input, _places, _output, _owed) = (_owed, [.. _owed.Select(static _ => -1)], [], []);
        }
        _round = null;
    }
}

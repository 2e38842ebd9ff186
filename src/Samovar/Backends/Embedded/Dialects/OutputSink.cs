using System.Text;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What may be called in a turn.</summary>
/// <param name="Tools">Every tool known.</param>
/// <param name="Names">Flat names that may be called; null for all.</param>
/// <param name="ParallelCalls">Whether more than one call may be made.</param>
internal sealed record CallRights(ToolCatalog Tools, IReadOnlySet<string>? Names, bool ParallelCalls)
{
    /// <summary>Whether nothing may be called.</summary>
    public bool IsEmpty => !Tools.Tools.Any(tool => Allows(tool.FlatName));

    /// <summary>Whether what is marked as a call is not sent though it names no known tool.</summary>
    public bool WithholdsUnknown { get; init; }

    /// <summary>Whether an earlier call of the conversation has this id.</summary>
    public Func<string, bool> HasCall { get; init; } = static _ => false;

    public OfferedTool? Find(string name) => Allows(name) ? Tools.Find(name) : null;

    public bool Allows(string name) => Names is null || Names.Contains(name);

    /// <summary>Whether the name of one that is known begins so: what is written of it is a call, also where it may not be made.</summary>
    public bool Knows(ReadOnlySpan<char> nameBeginning)
    {
        if (WithholdsUnknown) return true;
        foreach (var tool in Tools.Tools)
            if (tool.FlatName.AsSpan().StartsWith(nameBeginning, StringComparison.Ordinal)) return true;
        return false;
    }
}

/// <summary>Makes backend events of what a parser reads, and remembers what the turn came to.</summary>
/// <remarks>
/// White space before an item's text, and between it and what follows, is the format's and not the text's: it is dropped there, and kept
/// elsewhere. A call that the request does not allow is sent neither as a call nor as text.
/// </remarks>
/// <param name="rights">What may be called.</param>
/// <param name="ids">Names calls.</param>
/// <param name="goesOn">Whether the answer goes on with a text that the client has: then the space at its start belongs to it.</param>
internal sealed class OutputSink(CallRights rights, IdSource ids, bool goesOn = false) : IOutputSink
{
    private const string CustomBeginning = "{\"input\":\"";

    private enum Open { Nothing, Message, Reasoning, Function, Custom, Withheld }

    private readonly List<BackendEvent> _events = [];
    private readonly StringBuilder _delta = new();
    private readonly StringBuilder _space = new();
    private readonly StringBuilder _lead = new();
    private readonly StringBuilder _input = new();
    private readonly List<PromptCall> _calls = [];
    private readonly List<(string Json, int From)> _logprobs = [];
    private Open _open;
    private int _written;

    public bool HasText { get; private set; }
    public bool HasReasoning { get; private set; }
    public IReadOnlyList<PromptCall> Calls => _calls;

    /// <summary>Whether the model began a call beyond what the request allows: the turn is to be ended, nothing more is sent.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether the model wrote a call that the request does not allow.</summary>
    public bool HasWithheld { get; private set; }

    /// <summary>The log-probabilities of the token whose text is fed next.</summary>
    /// <param name="json">As the API writes them.</param>
    /// <param name="from">How much of the message's text was before it: it is reported when there is more than that.</param>
    public void AddLogprob(string json, int from) => _logprobs.Add((json, from));

    public void Text(ReadOnlySpan<char> text)
    {
        _written += text.Length;
        Write(Open.Message, text);
    }

    public void Reasoning(ReadOnlySpan<char> text) => Write(Open.Reasoning, text);

    public void EndMessage()
    {
        if (_open is Open.Message or Open.Reasoning) Shut();
    }

    public bool IsOffered(string name) => rights.Tools.Find(name) is not null;

    public ArgumentTypes TypesOf(string name) => new(rights.Tools.Find(name)?.Parameters ?? default);

    public bool BeginCall(string name) => BeginCall(name, null);

    public bool BeginCall(string name, string? writtenId)
    {
        if (IsFull) return true;
        if (rights.Tools.Find(name) is not { } tool) return rights.WithholdsUnknown && Withhold();
        if (!rights.Allows(name)) return Withhold();
        Shut();
        if (_calls.Count > 0 && !rights.ParallelCalls) return IsFull = true;
        var id = IdOf(writtenId);
        _calls.Add(new PromptCall(id, tool.FlatName, "") { IsAsync = tool.IsAsync });
        _open = tool.IsCustom ? Open.Custom : Open.Function;
        _events.Add(tool.IsCustom
            ? new BackendEvent.CustomCallStarted(tool.Name, id, tool.Namespace)
            : new BackendEvent.FunctionCallStarted(tool.Name, id, tool.Namespace));
        return true;
    }

    /// <summary>The id that the model wrote, where no other call of the conversation has it: its result is named so in the next
    /// prompt.</summary>
    private string IdOf(string? written) =>
        written is not null && WrittenIds.IsValid(written) && !rights.HasCall(written) && !_calls.Exists(call => call.Id == written)
            ? written : CallId.New(ids).Value;

    private bool Withhold()
    {
        Shut();
        _open = Open.Withheld;
        return HasWithheld = true;
    }

    public bool Offers(ReadOnlySpan<char> nameBeginning) => rights.Knows(nameBeginning);

    public void Arguments(ReadOnlySpan<char> json)
    {
        if (!IsFull && _open != Open.Withheld) (_open == Open.Custom ? _input : _delta).Append(json);
    }

    public void EndCall(bool isWhole = true)
    {
        if (IsFull) return;
        if (_open == Open.Custom) _delta.Append(InputOf(_input.ToString()));
        _input.Clear();
        Shut(isWhole ? ItemStatus.Completed : ItemStatus.Incomplete);
    }

    /// <summary>What was reported since the last call.</summary>
    public IReadOnlyList<BackendEvent> Drain()
    {
        Flush();
        if (_events.Count == 0) return [];
        BackendEvent[] events = [.. _events];
        _events.Clear();
        return events;
    }

    /// <summary>Whether a limit cut the answer off: the item that is open is what could be read of it.</summary>
    public bool IsCut { get; set; }

    /// <summary>Nothing more will be reported.</summary>
    /// <param name="isTextWhole">Whether no markup of a call stood behind the text: then the space behind it belongs to it.</param>
    public void End(bool isTextWhole = true)
    {
        if (_open == Open.Message && isTextWhole) _delta.Append(_space);
        Shut();
    }

    private void Write(Open kind, ReadOnlySpan<char> text)
    {
        if (IsFull || text.IsEmpty) return;
        if (_open != kind)
        {
            var lead = text.Length - text.TrimStart().Length;
            if (goesOn && !HasText) _lead.Append(text[..lead]);
            text = text[lead..];
            if (text.IsEmpty) return;
            Shut();
            _open = kind;
            if (kind == Open.Message) _delta.Append(_lead);
            _lead.Clear();
            _events.Add(kind == Open.Message ? new BackendEvent.MessageStarted() : new BackendEvent.ReasoningStarted());
            if (kind == Open.Message) HasText = true;
            else HasReasoning = true;
        }
        var body = text.TrimEnd();
        if (!body.IsEmpty)
        {
            _delta.Append(_space).Append(body);
            _space.Clear();
        }
        _space.Append(text[body.Length..]);
    }

    private void Flush()
    {
        if (_delta.Length > 0)
        {
            _events.Add(new BackendEvent.Delta(_delta.ToString(), _open == Open.Message ? Logprobs() : default));
            _delta.Clear();
            if (_open != Open.Message) _logprobs.Clear();
        }
        else if (_open is not (Open.Message or Open.Nothing)) _logprobs.Clear();
    }

    /// <summary>Those of the tokens whose text has come; of others it may be that it never does.</summary>
    private RawJson Logprobs()
    {
        var count = 0;
        while (count < _logprobs.Count && _logprobs[count].From < _written) count++;
        if (count == 0) return default;
        var json = RawJson.Of("[" + string.Join(',', _logprobs.Take(count).Select(one => one.Json)) + "]");
        _logprobs.RemoveRange(0, count);
        return json;
    }

    private void Shut(ItemStatus status = ItemStatus.Completed)
    {
        Flush();
        _space.Clear();
        if (_open is not (Open.Nothing or Open.Withheld)) _events.Add(new BackendEvent.ItemDone { Status = status });
        _open = Open.Nothing;
    }

    /// <summary>The free text of a custom call; what is no such JSON is taken as the text itself.</summary>
    private string InputOf(string arguments)
    {
        var isCutObject = IsCut && arguments.AsSpan().TrimStart().StartsWith('{');
        if (JsonInput.TryParse(isCutObject ? CutObject.Close(arguments) : arguments, out var json) && json.Text("input"u8) is { } input)
            return input;
        var isNotBegun = IsCut && CustomBeginning.StartsWith(
            string.Concat(arguments.Where(one => !char.IsWhiteSpace(one))), StringComparison.Ordinal);
        return isNotBegun ? "" : arguments; // the model wrote its text without JSON around it
    }
}

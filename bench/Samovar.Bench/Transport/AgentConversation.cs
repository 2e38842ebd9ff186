using System.Text;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Transport;

/// <summary>One conversation of an agent over one transport: its connection opens with the first turn, or before.</summary>
/// <param name="seed">Another conversation says other words.</param>
/// <param name="hasCalls">Whether the model calls tools as the script says; else it answers, and the results are a user's words.</param>
internal sealed class AgentConversation(TransportKind kind, AgentWire wire, AgentTask task, int seed, bool hasCalls) : IDisposable
{
    private const int BytesPerToken = 4, DeltaBytes = 4;
    private const int OutputTokensMin = 16; // the protocol has no less
    private const int MessagesTokensMax = 32_000; // which has to be said there
    private const string NextCalls = "[[steps=1]]", NextAnswers = "[[steps=0]]";
    private readonly List<Said> _said = [];
    private readonly ContentMeter _content = new();
    private AgentStart _start = task.Start;
    private (string Instructions, string Tools)? _begin;
    private Asked? _asked;
    private int _turn, _outputMax;

    /// <summary>Whether it asks for answers that can be read on from another connection.</summary>
    public bool CanResume { get; init; }

    /// <summary>What belongs together, for a provider's prompt cache; null says nothing.</summary>
    public string? CacheKey { get; init; }

    /// <summary>Text that the newest turn added.</summary>
    public ContentAmounts Content { get; private set; }

    /// <summary>Sees each event of an answer as it comes.</summary>
    public Action<ReadOnlyMemory<byte>>? Seen { get; init; }

    /// <summary>Tokens of the context that were there before the newest turn.</summary>
    public int KnownTokens { get; private set; }

    /// <summary>The next step of the task; after the last the conversation is over.</summary>
    public async Task<TransportAnswer> StepAsync(CancellationToken late)
    {
        var step = task.Steps[_turn];
        var isBeginning = _turn == 0 || step.Keeps is not null;
        if (step.Keeps is { } keeps) BeginAgain(step, keeps);
        var text = Text(step);
        Content = _content.Add(!isBeginning || _begin is not null ? [text]
            : hasCalls ? [Begin.Instructions, Begin.Tools, text] : [Begin.Instructions, text]);
        _asked = new Asked(step, News(text, _said is [.., var last] ? last.Answer.Calls : []), isBeginning);
        _turn++;
        return Heard(_asked, await AskAsync(_asked, kind.SendsAll || isBeginning, late));
    }

    /// <summary>The same step on a new connection, for the other one is lost, its answer too: what no server keeps is sent whole.</summary>
    public async Task<TransportAnswer> AgainAsync(CancellationToken late)
    {
        var asked = Lost();
        return Heard(asked, await AskAsync(asked, !kind.Stores || asked.IsBeginning, late));
    }

    /// <summary>What follows in the answer to the newest step, on a new connection.</summary>
    public async Task<TransportAnswer> ReadOnAsync(ReadPoint point, CancellationToken late)
    {
        var asked = Lost();
        return Heard(asked, await OpenedAsync(new TurnAsk("[]") { Resumes = point, Seen = Seen }, late));
    }

    private Asked Lost()
    {
        if (_said is [.., { Answer.Error: not null }]) _said.RemoveAt(_said.Count - 1);
        return _asked!;
    }

    private TransportAnswer Heard(Asked asked, TransportAnswer answer)
    {
        KnownTokens = _said is [.., var before] ? before.Answer.InputTokens + before.Answer.OutputTokens
            : asked.Step.Keeps is null ? 0 : StartTokens(answer, asked.News);
        _said.Add(new Said(asked.News, answer));
        return answer;
    }

    private Task<TransportAnswer> AskAsync(Asked asked, bool sendsAll, CancellationToken late) =>
        kind.IsChat ? ChatAsync(asked.Step, asked.News, late)
        : kind.IsMessages ? MessagesAsync(asked.Step, asked.News, late) : ResponsesAsync(asked, sendsAll, late);

    /// <summary>What is not kept was never said.</summary>
    private void BeginAgain(AgentStep step, int keeps)
    {
        _said.RemoveRange(keeps, _said.Count - keeps);
        if (step.Start is null) return;
        (_start, _begin) = (step.Start, null);
    }

    /// <summary>The start's part of a conversation that begins again with it, by bytes: nobody says it.</summary>
    private int StartTokens(TransportAnswer answer, string news)
    {
        if (task.Steps[_turn - 1].Start is not null) return 0; // another one
        var start = Begin.Instructions.Length + (hasCalls ? Begin.Tools.Length : 0);
        return (int)((long)answer.InputTokens * start / (start + news.Length));
    }

    private (string Instructions, string Tools) Begin => _begin ??= (
        (hasCalls ? "" : ToolWords.OfLength(_start.ToolBytes, seed)) // a model that is offered none reads as much all the same
            + (_start.Words ?? Excerpt.OfStart).OfLength(_start.InstructionBytes, seed),
        AgentWords.Tools(_start.ToolBytes, kind, ToolWords, seed));

    private IAgentWords ToolWords => _start.ToolWords ?? Excerpt.OfTools;

    private async Task<TransportAnswer> ChatAsync(AgentStep step, string news, CancellationToken late)
    {
        await wire.OpenAsync(late);
        var messages = All(news).Prepend(AgentWords.Message("system", Begin.Instructions));
        return await wire.PostAsync("/v1/chat/completions", Encoding.UTF8.GetBytes(
            """{"model":"bench","stream":true,"stream_options":{"include_usage":true},"messages":[""" + string.Join(',', messages) + "]"
                + (hasCalls ? ",\"tools\":" + Begin.Tools : $",\"max_tokens\":{OutputMax(step)}")
                + (CacheKey is null ? "" : $",\"prompt_cache_key\":\"{CacheKey}\"") + "}"), new ChatAnswer(), Seen, late);
    }

    private async Task<TransportAnswer> MessagesAsync(AgentStep step, string news, CancellationToken late)
    {
        await wire.OpenAsync(late);
        return await wire.PostAsync("/v1/messages", Encoding.UTF8.GetBytes(
            $$"""{"model":"bench","stream":true,"max_tokens":{{(hasCalls ? MessagesTokensMax : OutputMax(step))}},"""
                + $"\"system\":{AgentWords.Quote(Begin.Instructions)},\"messages\":[{string.Join(',', All(news))}]"
                + (hasCalls ? ",\"tools\":" + Begin.Tools : "") + "}"), new MessagesAnswer(), Seen, late);
    }

    private async Task<TransportAnswer> ResponsesAsync(Asked asked, bool sendsAll, CancellationToken late)
    {
        var (step, news) = (asked.Step, asked.News);
        var isBare = kind.IsBare && !sendsAll;
        var answer = await OpenedAsync(new TurnAsk("[" + (sendsAll ? string.Join(',', All(news)) : news) + "]")
        {
            Previous = sendsAll ? null : _said[^1].Answer.ResponseId,
            Instructions = Begin.Instructions,
            Tools = hasCalls ? Begin.Tools : null,
            Stores = kind.Stores,
            CacheKey = CacheKey,
            IsBare = isBare,
            IsBackground = CanResume && !kind.IsSocket,
            OutputMax = hasCalls || (isBare && _outputMax == OutputMax(step)) ? null : OutputMax(step),
            Seen = Seen,
        }, late);
        _outputMax = OutputMax(step);
        return answer;
    }

    private async Task<TransportAnswer> OpenedAsync(TurnAsk ask, CancellationToken late)
    {
        var started = TimeProvider.System.GetTimestamp();
        await wire.OpenAsync(late);
        var opening = TimeProvider.System.GetElapsedTime(started); // HTTP opens its connection within the turn
        var answer = TransportAnswer.Of(await wire.AskAsync(ask, late));
        return answer with { FirstOutput = answer.FirstOutput + opening, Total = answer.Total + opening };
    }

    private IEnumerable<string> All(string news) =>
        _said.SelectMany(turn => turn.Answer.Output.Prepend(turn.News)).Append(news);

    private static int OutputMax(AgentStep step) => Math.Max(OutputTokensMin, step.OutputBytes / BytesPerToken);

    /// <summary>The user's words, or the result of the call that waits, with what the simulated model goes by.</summary>
    private string Text(AgentStep step)
    {
        var marks = hasCalls ? Marks(step) : "";
        var words = step.Words ?? new Excerpt(_turn);
        return marks + words.OfLength(Math.Max(1, step.NewBytes - marks.Length), seed);
    }

    private string News(string text, IReadOnlyList<string> calls)
    {
        if (calls is not [var call, ..]) return AgentWords.Message("user", text);
        return kind.IsChat ? AgentWords.ToolMessage(call, text)
            : kind.IsMessages ? AgentWords.ToolResult(call, text) : AgentWords.Result(call, text);
    }

    public void Dispose() => _content.Dispose();

    private string Marks(AgentStep step)
    {
        var deltas = Math.Max(1, step.OutputBytes / DeltaBytes);
        var size = $"[[args={step.OutputBytes}]][[deltas={deltas}]]";
        if (step.EndsWithCall is { } ends) return (ends ? NextCalls : NextAnswers) + size + $"[[bytes={DeltaBytes}]]";
        return _turn > 0 ? size : $"[[steps={task.Steps.Count - 1}]]{size}[[bytes={DeltaBytes}]]";
    }

    /// <summary>What is asked now.</summary>
    /// <param name="IsBeginning">Whether nothing of what was said is continued.</param>
    private sealed record Asked(AgentStep Step, string News, bool IsBeginning);

    /// <summary>One turn as it was: what went up, and what came.</summary>
    private sealed record Said(string News, TransportAnswer Answer);

    private sealed record Excerpt(int Turn) : IAgentWords
    {
        public static readonly Excerpt OfStart = new(-1), OfTools = new(-2);

        public string OfLength(int bytes, int seed) => Excerpts.OfLength(bytes, Excerpts.Seed(seed, Turn));
    }
}

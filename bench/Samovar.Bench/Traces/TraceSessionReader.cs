using System.Text.RegularExpressions;

namespace Samovar.Bench.Traces;

/// <summary>Reads a session, and those inside it.</summary>
internal sealed partial class TraceSessionReader(int blockTokens, TraceLimits limits)
{
    private const double Milliseconds = 0.001;
    private int _subAgents;

    public TraceSession Session(TraceValue json, string name, int depth)
    {
        if (depth > limits.DepthMax) throw json.Wrong($"stands {depth} sub-agents deep; {limits.DepthMax} are read");
        var turns = new List<TraceTurn>();
        var agents = new List<TraceSubAgent>();
        foreach (var request in json["requests"].Items(limits.RequestsMax))
            if (request["type"] is var type && type.Text() is "subagent") agents.Add(SubAgent(request, depth));
            else if (type.Text() is "n" or "s") turns.Add(Turn(request));
            else throw type.Wrong("is none of n, s and subagent");
        if (turns.Count == 0) throw json["requests"].Wrong("has no request of the session's own");
        return new TraceSession(name, Tokens(json, "tool_tokens"), Tokens(json, "system_tokens"), turns) { SubAgents = agents };
    }

    private TraceTurn Turn(TraceValue json)
    {
        var input = json["in"].Whole(1, limits.TokensMax);
        var ids = json["hash_ids"];
        var blocks = ids.Items(limits.TokensMax / blockTokens + 1).Select(id => id.Whole(0, int.MaxValue)).ToArray();
        if ((blocks.Length - 1L) * blockTokens >= input)
            throw ids.Wrong($"has {blocks.Length} blocks of {blockTokens} tokens for a prompt of {input}");
        var stop = json.Find("stop")?.Text() ?? "";
        return new TraceTurn(Time(json, "t"), Time(json, "api_time"), input, json["out"].Whole(0, limits.TokensMax), blocks,
            stop == "tool_use", Time(json, "think_time")) { Stop = stop };
    }

    /// <summary>The file has a sub-agent where it ended, and how long it ran.</summary>
    private TraceSubAgent SubAgent(TraceValue json, int depth)
    {
        if (++_subAgents > limits.SubAgentsMax) throw json.Wrong($"is one sub-agent more than {limits.SubAgentsMax}, which are read");
        var ran = json.Find("duration_ms")?.Time(Milliseconds) ?? TimeSpan.Zero;
        var at = json["t"].Time();
        var name = json["agent_id"].Text();
        if (!NameForm().IsMatch(name)) throw json["agent_id"].Wrong("is no name of letters, digits, _ and -, of 64 at most");
        return new TraceSubAgent(Session(json, name, depth + 1), ran < at ? at - ran : TimeSpan.Zero, at);
    }

    private int Tokens(TraceValue json, string name) => json.Find(name)?.Whole(0, limits.TokensMax) ?? 0;

    private static TimeSpan Time(TraceValue json, string name) => json.Find(name)?.Time() ?? TimeSpan.Zero;

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")] private static partial Regex NameForm();
}

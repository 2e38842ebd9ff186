using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports.Claims;

/// <summary>What was published about stateful continuation, and what this project set itself as goals.</summary>
internal static class PublishedClaims
{
    private const string InfoQ = "InfoQ, 2026-04-08", Memo = "OpenAI memo, 2026-02-06", Goal = "Goal of this project";
    private const string Wan = "wan", Airplane = "airplane";
    private const string Provider = "provider-65", Whole = "http-whole", Socket = "ws", Percent = "%", Kilobytes = "KB";
    private const string Coding = "a coding agent's three tasks, whole history over HTTP against previous_response_id over WebSocket";
    private const string Cached = "With one replica the prompt cache is warm whatever the transport is: only what the link and Samovar "
        + "take is in the figure.";
    private const string Replicated = "Prompts of the scripted tasks end at 3,000 to 9,000 tokens, and what a provider takes to check and "
        + "render a whole history again is not simulated.";
    private const string Scripted = "The tasks are scripted to the published size of the client without state; what a turn adds, and the "
        + "2 KB of instructions and tools that each frame of the public protocol repeats, is a larger share than in the published tasks.";
    private const string InputAlone = "The text that turns add is a larger share of the scripted history than in tasks that read large "
        + "files: without compression nobody sends less than that ('the least that can be sent').";
    private static readonly string[] Tasks = ["fix-test", "add-feature", "refactor"], Calls20 = ["loop-20"], Calls6 = ["loop-6"];
    private static readonly string[] First = [AgentTask.FirstTurn.Name];

    public static readonly IReadOnlyList<Claim> All =
    [
        Bytes("bytes-up-gpt-5.4", "82 % fewer bytes sent", Coding + "; GPT-5.4", -82),
        Bytes("bytes-up-gpt-4o-mini", "86 % fewer bytes sent", Coding + "; GPT-4o-mini", -86),
        Bytes("bytes-down", "29 % fewer bytes received", Coding + "; GPT-5.4", -29) with
        {
            Quantity = ClaimQuantity.BytesDown,
            Differences = "Both transports carry the same events here; only HTTP's heads and chunk marks are saved.",
        },
        Bytes("task-bytes-http", "176 KB sent a task over HTTP", Coding + "; GPT-5.4", 0) with
        {
            Transport = Whole, Against = null, Least = 150, Most = 202, Unit = Kilobytes,
        },
        Bytes("task-bytes-ws", "32 KB sent a task over WebSocket", Coding + "; GPT-5.4", 32) with { Against = null, Unit = Kilobytes },
        Bytes("turn-nine", "almost ten times as much at turn 9", Coding, 0) with
        {
            Quantity = ClaimQuantity.TimesAtTurnNine, Workloads = Tasks[..2], Least = 9, Most = null, Unit = "×",
        },
        Bytes("ingress", "29 Gbit/s less at a million sessions", "10 turns and 40 s a task, 176 KB against 32 KB", 0) with
        {
            Quantity = ClaimQuantity.IngressSaved, Least = 28.8, Most = null, Unit = "Gbit/s",
        },
        .. Each(Time("time-gpt-5.4", InfoQ, "29 % less time a task", Coding + "; GPT-5.4", -29, Tasks)),
        .. Each(Time("time-gpt-4o-mini", InfoQ, "15 % less time a task", Coding + "; GPT-4o-mini", -15, Tasks)),
        .. Each(Time("time-demo", Memo, "29 % less (14.3 s against 20.2 s)", "20 tool calls, gpt-5.2, store: false", -29, Calls20)),
        .. Each(Time("time-rollouts", Memo, "20 to 40 % less end to end", "dozens of tool calls, gpt-5.2", -20, Calls20)),
        .. Each(Time("time-20-calls", "OpenAI guide", "up to 40 % less", "20 and more tool calls", -40, Calls20)),
        Time("time-chained", "xAI documentation", "up to 20 % less", "many tool calls, HTTP with previous_response_id", -20, Calls20)
            with
        {
            Against = "http-stored",
        },
        .. Each(Time("first-token", InfoQ, "first token 11 % sooner, all turns", Coding + "; GPT-5.4", -11, Tasks) with
        {
            Quantity = ClaimQuantity.FirstToken,
        }),
        Time("first-turn-gpt-5.4", InfoQ, "first turn's first token 14 % sooner", Coding + "; GPT-5.4", -14, Tasks) with
        {
            Quantity = ClaimQuantity.FirstTurn,
            Differences = "A first turn has nothing to continue: the same bytes go up, and a WebSocket takes a round trip more to open.",
        },
        Time("first-turn-gpt-4o-mini", InfoQ, "first turn's first token about equal", Coding + "; GPT-4o-mini", 5, Tasks) with
        {
            Quantity = ClaimQuantity.FirstTurn, Least = -5,
            Differences = "A WebSocket takes a round trip more to open, which counts for the first turn here.",
        },
        Bytes("goal-deflate", "at least 95 % fewer bytes sent with deflate", "20 turns, WebSocket with permessage-deflate", -95) with
        {
            Source = Goal, Transport = "ws-deflate", Workloads = Calls20,
        },
        Bytes("goal-bare", "at least 97 % fewer bytes sent with bare frames", "20 turns, WebSocket, input alone", -97) with
        {
            Source = Goal, Transport = "ws-bare", Workloads = Calls20, Differences = InputAlone,
        },
        Bytes("goal-bare-deflate", "at least 97 % fewer bytes sent with bare frames", "the same with permessage-deflate", -97) with
        {
            Source = Goal, Transport = "ws-bare-deflate", Workloads = Calls20,
        },
        .. Each(Time("goal-time", Goal, "15 to 29 % less time a task", "three tasks, 65 tokens/s, wan", -15, Tasks)),
        .. Each(Time("goal-time-20-calls", Goal, "40 % less at 20 calls", "20 tool calls, 65 tokens/s, wan", -40, Calls20)),
        .. Each(Time("goal-airplane", Goal, "more than on the ground: over 29 % less time", "6 tool calls, 65 tokens/s, airplane",
            -29, Calls6) with { Link = Airplane }, ProviderCondition.One, ProviderCondition.Several),
        Time("goal-first-turn", Goal, "first turn's first token within 3 % of plain HTTP", "wan, 65 tokens/s", 3, Tasks) with
        {
            Quantity = ClaimQuantity.FirstTurn,
            Differences = "A WebSocket takes a round trip more to open, which counts for the first turn here.",
        },
        Time("goal-first-turn-ahead", Goal, "first turn's first token within 3 % of plain HTTP",
            "wan, 65 tokens/s, the WebSocket opened before, HTTP's connection within its turn", 3, First) with
        {
            Quantity = ClaimQuantity.FirstTurn, Transport = "ws-ahead", Differences = null,
        },
        Time("goal-first-turn-both-ahead", Goal, "first turn's first token within 3 % of plain HTTP",
            "wan, 65 tokens/s, both connections opened before", 3, First) with
        {
            Quantity = ClaimQuantity.FirstTurn, Transport = "ws-ahead", Against = "http-ahead", Differences = null,
        },
        Time("goal-first-turn-posted", Goal, "first turn's first token within 3 % of plain HTTP",
            "wan, 65 tokens/s, store: true, the first turn posted while the WebSocket opens", 3, First) with
        {
            Quantity = ClaimQuantity.FirstTurn, Transport = "ws-stored-posted", Differences = null,
        },
        Time("goal-first-turn-lan", Goal, "first turn's first token within 3 % of plain HTTP", "lan, 1,000 tokens/s", 3, Tasks[..1]) with
        {
            Quantity = ClaimQuantity.FirstTurn, Link = "lan", Backend = "provider-1000",
            Differences = "Without a link a first token takes some milliseconds, and one of them is a large share.",
        },
    ];

    /// <summary>
    /// The claim with each of the simulated providers; with several replicas against a client that speaks to it directly.
    /// </summary>
    private static IEnumerable<Claim> Each(Claim claim, params IReadOnlyList<ProviderCondition> conditions) =>
        (conditions.Count == 0 ? ProviderCondition.All : conditions).Select(condition => claim with
        {
            Id = condition == ProviderCondition.One ? claim.Id : claim.Id + "@" + condition.Backend.Name[(Provider.Length + 1)..],
            Of = claim.Id, Provider = condition.Name, Backend = condition.Backend.Name, Against = condition.Whole,
            Differences = condition == ProviderCondition.One ? Cached : Replicated,
        });

    private static Claim Bytes(string id, string said, string conditions, double most) => new()
    {
        Id = id, Source = InfoQ, Said = said, Conditions = conditions, Differences = Scripted, Quantity = ClaimQuantity.BytesUp,
        Transport = Socket, Against = Whole, Workloads = Tasks, Backend = Provider, Link = Wan, Most = most, Unit = Percent,
    };

    private static Claim Time(
        string id, string source, string said, string conditions, double most, IReadOnlyList<string> workloads) => new()
    {
        Id = id, Source = source, Said = said, Conditions = conditions, Differences = Cached, Quantity = ClaimQuantity.TaskTime,
        Transport = Socket, Against = Whole, Workloads = workloads, Backend = Provider, Link = Wan, Most = most, Unit = Percent,
    };
}

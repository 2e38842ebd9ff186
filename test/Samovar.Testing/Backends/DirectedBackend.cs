using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Samovar.Backends;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Testing.Backends;

/// <summary>
/// Plays the scripted model that the real clients' runners expect: directives in the newest marked user text say what it answers.
/// <c>[[steps=N]]</c> tool calls one per response, <c>[[par=K]]</c> at once, <c>[[out=B]]</c> bytes a shell command prints,
/// <c>[[say=T]]</c> before each call, <c>[[think=text]]</c> first, <c>[[final=T]]</c> at the end.
/// </summary>
public sealed partial class DirectedBackend : IBackend
{
    private const int BytesPerToken = 4;

    public IReadOnlyList<BackendModel> Models { get; } = [new("stub-model", "samovar", 1 << 20)];

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        await Task.Yield();
        turnCancelled.ThrowIfCancellationRequested();
        var items = turn.Context.AllItems().ToList();
        var input = items.Sum(item => item.Json.Utf8.Length) / BytesPerToken;
        yield return new BackendEvent.Accepted("stub-model");
        var output = 0;
        if (turn.Request.Generate)
            foreach (var e in Script.Of(items).Play(items, turn.Tools))
            {
                output++;
                yield return e;
            }
        yield return new BackendEvent.Finished(new Usage(input, 0, output, 0));
    }

    /// <summary>What the directives ask for.</summary>
    private sealed record Script(int Steps, int Parallel, string Out, string? Say, string? Think, string Final, int UserAt)
    {
        public static Script Of(List<Item> items)
        {
            var users = items.Select((item, at) => (Text: TextOf(item), At: at)).Where(user => user.Text is not null).ToList();
            var (text, at) = users.LastOrDefault(user => user.Text!.Contains("[[", StringComparison.Ordinal), users.LastOrDefault(("", -1)));
            var directives = Directive().Matches(text!).GroupBy(match => match.Groups[1].Value, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First().Groups[2].Value, StringComparer.Ordinal);
            string? Get(string name) => directives.GetValueOrDefault(name);
            int Number(string name, int otherwise) => Get(name) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
            return new Script(Number("steps", 0), Number("par", 1), Get("out") ?? "200", Get("say"), Get("think"), Get("final") ?? "DONE", at);
        }

        public IEnumerable<BackendEvent> Play(List<Item> items, ToolList tools)
        {
            if (Think is not null)
            {
                yield return new BackendEvent.ReasoningStarted();
                yield return new BackendEvent.SummaryDelta("thinking");
                yield return new BackendEvent.Delta("secret thoughts");
                yield return new BackendEvent.ItemDone();
            }
            var done = items.Skip(UserAt + 1).Count(item => item is IToolOutput);
            if (done >= Steps * Parallel)
            {
                foreach (var e in Message(Final, "final_answer")) yield return e;
                yield break;
            }
            if (Say is not null)
                foreach (var e in Message(Say, "commentary")) yield return e;
            for (var k = 1; k <= Parallel; k++)
                foreach (var e in Call(AllTools(items, tools), done + k)) yield return e;
        }

        private IEnumerable<BackendEvent> Call(List<(Tool Tool, string? Namespace)> tools, int k)
        {
            var functions = tools.Where(entry => entry.Tool is Tool.Function).Select(entry => ((Tool.Function)entry.Tool, entry.Namespace)).ToList();
            var shell = ShellLine(k);
            var named = functions.FirstOrDefault(entry => entry.Item1.Name is "exec_command" or "shell_command" or "shell" or "bash");
            if (named.Item1 is { } function) return Function(function.Name, named.Namespace, ShellArguments(function.Name, shell));
            if (tools.Any(entry => entry.Tool is Tool.Custom { Name: "exec" }))
                return Custom("exec", $"const r = await tools.exec_command({{cmd: {JsonSerializer.Serialize(shell)}}}); text(r.output);");
            if (functions is [var first, ..]) return Function(first.Item1.Name, first.Namespace, Samples.Arguments(first.Item1.Parameters, k));
            return Message("NO USABLE TOOL OFFERED", "final_answer");
        }

        private string ShellLine(int k) => Out.StartsWith('r')
            ? string.Create(CultureInfo.InvariantCulture, $"printf 'step-%02d ' {k}; head -c {Out[1..]} /dev/urandom | base64 -w 76 | head -c {Out[1..]}")
            : string.Create(CultureInfo.InvariantCulture, $"printf 'step-%02d ' {k}; seq 100000 999999 | head -c {Out}");

        private static string ShellArguments(string name, string line) => name switch
        {
            "exec_command" => $$"""{"cmd":{{JsonSerializer.Serialize(line)}}}""",
            "shell" => $$"""{"command":["bash","-lc",{{JsonSerializer.Serialize(line)}}]}""",
            _ => $$"""{"command":{{JsonSerializer.Serialize(line)}},"description":"a step"}""",
        };

        private static List<(Tool Tool, string? Namespace)> AllTools(List<Item> items, ToolList tools) =>
            [.. tools.Tools.Concat(items.OfType<AdditionalToolsItem>().SelectMany(item => item.Tools.Tools)).SelectMany(Flat)];

        private static IEnumerable<(Tool Tool, string? Namespace)> Flat(Tool tool) =>
            tool is Tool.Namespace group ? group.Tools.Select(inner => (inner, (string?)group.Name)) : [(tool, null)];

        private static string? TextOf(Item item) => item is MessageItem { Role: Role.User } message
            ? string.Concat(message.Content.OfType<ContentPart.Text>().Select(part => part.Value))
            : null;
    }

    private static IEnumerable<BackendEvent> Message(string text, string phase)
    {
        yield return new BackendEvent.MessageStarted(Phase: phase);
        foreach (var piece in text.Chunk(4)) yield return new BackendEvent.Delta(new string(piece));
        yield return new BackendEvent.ItemDone();
    }

    private static IEnumerable<BackendEvent> Function(string name, string? group, string arguments)
    {
        yield return new BackendEvent.FunctionCallStarted(name, Namespace: group);
        foreach (var piece in arguments.Chunk(Math.Max(1, (arguments.Length + 1) / 2))) yield return new BackendEvent.Delta(new string(piece));
        yield return new BackendEvent.ItemDone();
    }

    private static IEnumerable<BackendEvent> Custom(string name, string input)
    {
        yield return new BackendEvent.CustomCallStarted(name);
        yield return new BackendEvent.Delta(input);
        yield return new BackendEvent.ItemDone();
    }

    [GeneratedRegex(@"\[\[(\w+)=(.*?)\]\]", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Directive();
}

using Samovar.Escaping;

namespace Samovar.Cli.Agents;

/// <summary>
/// An agent's work as lines of a terminal: text as it comes, one line for a call, one for its result, one for what the turn cost. Neither a
/// model's words nor a tool's output move the cursor or change the terminal.
/// </summary>
internal sealed class ConsoleScreen(TextWriter output, bool colour) : IAgentScreen
{
    private const int LineCharsMax = 100;
    private bool _midLine;

    public void Text(string delta)
    {
        output.Write(ForeignText.Screen(delta));
        _midLine = !delta.EndsWith('\n');
    }

    public void CallBegins(string name, string arguments) => Line("36", $"→ {name} {OneLine(arguments)}");

    public void CallEnded(string result)
    {
        var lines = result.Split('\n');
        foreach (var line in lines.Take(6)) Line("90", "  " + OneLine(line));
        if (lines.Length > 6) Line("90", $"  … {lines.Length - 6} more lines");
    }

    public void TurnEnded(int turn, TurnReport report)
    {
        if (report.Failure is { } failure) Line("31", $"turn {turn} failed: {failure.Message} ({failure.Code})");
        else Line("33", $"turn {turn}  {report.Line()}");
        if (report.IncompleteReason is { } reason) Line("31", $"the answer was cut short: {reason}");
    }

    /// <summary>A line of its own, in a colour where the terminal has them.</summary>
    public void Line(string code, string text)
    {
        if (_midLine) output.WriteLine();
        _midLine = false;
        var line = ForeignText.OneLine(text); // a command that is asked about is seen whole
        output.WriteLine(colour ? $"\e[{code}m{line}\e[0m" : line);
    }

    private static string OneLine(string text) => text.Length <= LineCharsMax ? text : text[..LineCharsMax] + "…";
}

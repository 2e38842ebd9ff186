using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Templates.Tests.Differential;

internal sealed record JinjaCase(string Template, JsonObject Variables);

/// <summary>Debian's Jinja2 in a process of its own, asked by lines of JSON.</summary>
internal static class JinjaReference
{
    private const string Python = "/usr/bin/python3";

    public static bool IsInstalled()
    {
        if (!File.Exists(Python))
            return false;
        using var process = Start("-c", "import jinja2");
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>What Jinja2 gives for each case, in their order.</summary>
    public static async Task<List<JsonObject>> AnswerAsync(IReadOnlyCollection<JinjaCase> cases)
    {
        using var process = Start(Path.Combine(AppContext.BaseDirectory, "cases", "reference.py"));
        var writing = WriteAsync(process, cases);
        var faults = process.StandardError.ReadToEndAsync();
        var answers = new List<JsonObject>(cases.Count);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            answers.Add(JsonNode.Parse(line)!.AsObject());
        await writing;
        await process.WaitForExitAsync();
        Assert.True(answers.Count == cases.Count, $"Jinja2 answered {answers.Count} of {cases.Count}: {await faults}");
        return answers;
    }

    private static async Task WriteAsync(Process process, IReadOnlyCollection<JinjaCase> cases)
    {
        foreach (var one in cases)
        {
            var line = new JsonObject { ["template"] = one.Template, ["variables"] = one.Variables.DeepClone() };
            await process.StandardInput.WriteLineAsync(line.ToJsonString());
        }
        process.StandardInput.Close();
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}

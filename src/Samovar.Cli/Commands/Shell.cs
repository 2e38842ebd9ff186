using Samovar.Cli.Agents;

namespace Samovar.Cli.Commands;

/// <summary>What a command has of the world around it.</summary>
/// <param name="Variables">The environment; null takes this process's own.</param>
internal sealed record Shell(TextWriter Output, TextWriter Error, IReadOnlyDictionary<string, string>? Variables = null)
{
    public static Shell OfThisProcess => new(Console.Out, Console.Error);

    /// <summary>Says each line as ours, on stderr.</summary>
    public int Fail(int exitCode, params IEnumerable<string?> lines)
    {
        foreach (var line in lines)
            if (line is not null) Complaint.Write(Error, line);
        return exitCode;
    }
}

using Samovar.Escaping;

namespace Samovar.Cli.Agents;

/// <summary>What went wrong, as the program says it: one line that begins with its name, whoever the words are from.</summary>
internal static class Complaint
{
    public static void Write(TextWriter error, string trouble) => error.WriteLine("samovar: " + ForeignText.OneLine(trouble));
}

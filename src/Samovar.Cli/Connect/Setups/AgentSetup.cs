using System.Text;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Cli.Connect.Setups;

/// <summary>How an agent speaks with a server.</summary>
internal enum AgentWire { ResponsesSocket, ResponsesHttp, Chat, Messages }

/// <summary>A file and what it must say.</summary>
internal sealed record FilePlan(string Path, FileEdit Edit);

/// <summary>What an agent needs to use a server.</summary>
/// <param name="Wire">What it will use; null where that is up to a program.</param>
/// <param name="Lines">For programs that are set by their environment: what to type.</param>
/// <param name="Next">What the user does then.</param>
internal sealed record AgentPlan(AgentWire? Wire, IReadOnlyList<FilePlan> Files, IReadOnlyList<string> Lines, string Next);

/// <summary>An agent that can be connected.</summary>
internal abstract class AgentSetup
{
    /// <summary>As the command line names it.</summary>
    public abstract string Name { get; }

    /// <param name="catalogue">The server's catalogue for Codex, where it is to be in a file.</param>
    public abstract AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue);

    /// <summary>What a JSON file says at a place; null where it does not, or cannot be read: editing it says why.</summary>
    protected static string? Said(string path, params string[] place)
    {
        try
        {
            var text = ConnectFile.Read(path).Text;
            return text.Length == 0 ? null : JsonPlaces.ValueOf(Encoding.UTF8.GetBytes(text), place);
        }
        catch (UsageException) { return null; }
    }
}

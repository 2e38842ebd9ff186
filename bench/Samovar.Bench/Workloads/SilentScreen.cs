using Samovar.Cli.Agents;

namespace Samovar.Bench.Workloads;

/// <summary>Nobody looks: only the report counts.</summary>
internal sealed class SilentScreen : ITurnScreen
{
    public void Text(string delta) { }
}

namespace Samovar.Cli.Connect.Setups;

/// <summary>Programs that are built on an SDK: the variables that it reads.</summary>
internal sealed class EnvSetup : AgentSetup
{
    public override string Name => "env";

    public override AgentPlan Plan(ConnectTarget target, AgentHome home, string? catalogue)
    {
        var key = target.KeyName is { } name ? $"\"${name}\""
            : target.Key is null ? ConnectTarget.NoKey : "'YOUR KEY'"; // it is not printed
        return new AgentPlan(null, [],
        [
            $"export OPENAI_BASE_URL='{target.V1}' OPENAI_API_KEY={key}",
            $"export OPENAI_API_BASE='{target.V1}'   # older programs, and LiteLLM's",
            $"export ANTHROPIC_BASE_URL='{target.Root}' ANTHROPIC_AUTH_TOKEN={key}",
            $"export OPENAI_MODEL='{target.Model.Replace("'", "'\\''", StringComparison.Ordinal)}'",
        ], "");
    }
}

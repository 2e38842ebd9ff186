namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A variable of a template that makes it keep what was thought before the newest question.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Value">What it has to be.</param>
internal sealed record ThoughtSwitch(string Name, bool Value)
{
    public override string ToString() => $"{Name}={(Value ? "true" : "false")}";
}

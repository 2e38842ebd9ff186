namespace Samovar.Scheduling.Fairness;

/// <summary>
/// Whose work something is when places and turns are shared out: a tenant, or, where nobody has a key, one client connection. Says nothing
/// about what the work may see: that is the tenant's.
/// </summary>
public readonly record struct FlowId(string Value)
{
    public override string ToString() => Value;
}

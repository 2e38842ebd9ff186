using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Server.Auth;

/// <summary>A request that another node passes on, for a tenant whom that one has let in. It is answered from what is here, and passed no
/// further.</summary>
/// <param name="Flow">Whose share of places it takes, where it asks for a turn.</param>
internal sealed record PeerCaller(TenantId Tenant, FlowId? Flow = null);


namespace Samovar.Gateway.Faults;

/// <summary>What an upstream could not understand and must not miss: without it the context would be another one.</summary>
internal static class CannotSend
{
    public static UpstreamException Item(string type) =>
        new(new UpstreamFault(FaultKind.Refused, $"Items of type '{type}' cannot be sent to this model.") { Param = "input" });

    public static UpstreamException Part(string kind) =>
        new(new UpstreamFault(FaultKind.Refused, $"Content of type '{kind}' cannot be sent to this model.") { Param = "input" });
}

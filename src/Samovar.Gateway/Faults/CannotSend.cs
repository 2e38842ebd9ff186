using Samovar.Context;

namespace Samovar.Gateway.Faults;

/// <summary>What an upstream could not understand and must not miss: without it the context would be another one.</summary>
internal static class CannotSend
{
    public static UpstreamException Item(string type) =>
        new(new UpstreamFault(FaultKind.Refused, $"Items of type '{type}' cannot be sent to this model.") { Param = "input" });

    public static UpstreamException Field(string name) =>
        new(new UpstreamFault(FaultKind.Refused, $"Unsupported parameter: '{name}' is not supported with this model.")
        { Code = "unsupported_parameter", Param = name });

    /// <summary>The beginning of an answer, where the upstream would begin another one.</summary>
    public static UpstreamException Beginning(TurnContext context) => new(new UpstreamFault(
        FaultKind.Refused, "The last message is the assistant's, and this model cannot go on with it.")
        { Param = context.ParamOf(context.Input.Count - 1) });

    /// <summary>A conversation in which nobody has said anything.</summary>
    public static UpstreamException Nothing() =>
        new(new UpstreamFault(FaultKind.Refused, "Invalid 'input': this model needs a message to answer.") { Param = "input" });

    public static UpstreamException Part(string kind) =>
        new(new UpstreamFault(FaultKind.Refused, $"Content of type '{kind}' cannot be sent to this model.") { Param = "input" });
}

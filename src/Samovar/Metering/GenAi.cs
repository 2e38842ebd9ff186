namespace Samovar.Metering;

/// <summary>Values and names of the OpenTelemetry GenAI conventions, as of gen-ai/1.42.</summary>
internal static class GenAi
{
    /// <summary>A model's turn of a conversation.</summary>
    public const string Chat = "chat";

    /// <summary>A call of a tool.</summary>
    public const string ExecuteTool = "execute_tool";

    /// <summary>The provider of what is served here, whatever the model's maker.</summary>
    public const string Samovar = "samovar";

    public const string RequestDuration = "gen_ai.server.request.duration";
    public const string TimeToFirstToken = "gen_ai.server.time_to_first_token";
    public const string TimePerOutputToken = "gen_ai.server.time_per_output_token";
    public const string OperationDuration = "gen_ai.client.operation.duration";
    public const string TimeToFirstChunk = "gen_ai.client.operation.time_to_first_chunk";
    public const string TokenUsage = "gen_ai.client.token.usage";

    /// <summary>What the conventions call the provider behind a dialect; engines that they do not know go by their own name.</summary>
    public static string Provider(string dialect) => dialect == "xai" ? "x_ai" : dialect;
}

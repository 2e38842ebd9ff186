using System.Text.Json.Serialization;
using Samovar.Backends.Embedded;

namespace Samovar.Server.Http;

/// <summary>Which template a loaded model has; where its own cannot be used, the place and the construct at fault.</summary>
internal sealed record TemplateStatus
{
    /// <summary>model, operator, or chatml in the place of one that cannot be used.</summary>
    public required string Used { get; init; }

    /// <summary>Which of the file's templates, where it has several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Name { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Fault { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? Line { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? Column { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Construct { get; init; }

    /// <summary>Why the file's template for tools is not used, though its plain one is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? ToolFault { get; init; }

    /// <summary>How the model is taken to write calls.</summary>
    public required string Dialect { get; init; }

    /// <summary>How long it took to find that out.</summary>
    public double LearnedMs { get; init; }

    public static TemplateStatus Of(TemplateReading reading) => new()
    {
        Used = reading.Use.Used,
        Name = reading.Use.Name,
        Fault = reading.Use.Fault?.Reason,
        Line = reading.Use.Fault?.Line,
        Column = reading.Use.Fault?.Column,
        Construct = reading.Use.Fault?.Construct,
        ToolFault = reading.ToolFault,
        Dialect = reading.Dialect,
        LearnedMs = Math.Round(reading.Took.TotalMilliseconds, 1),
    };
}

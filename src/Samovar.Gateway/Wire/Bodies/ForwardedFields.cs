using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>
/// What the field table says of a request's fields, for one destination: done, passed on, left out and named, or refused. A field without a
/// row goes to upstreams that take unknown ones.
/// </summary>
internal static class ForwardedFields
{
    public static FieldUse For(CreateRequest request, string field, Destination destination)
    {
        if (FieldReport.UsesOf(request, field) is { } uses) return In(uses, destination);
        return destination.Dialect.TakesUnknown && destination.Kind != DestinationKind.Messages ? FieldUse.PassedOn : FieldUse.Named;
    }

    private static FieldUse In(FieldUses uses, Destination destination)
    {
        var use = destination.Kind switch
        {
            DestinationKind.Chat => uses.Chat,
            DestinationKind.Messages => uses.Messages,
            _ => uses.Responses,
        };
        return use switch
        {
            FieldUse.ForProviders => destination.Dialect.IsProvider ? FieldUse.PassedOn : FieldUse.Named,
            FieldUse.ForEngines => destination.Dialect.IsProvider ? FieldUse.Named : FieldUse.PassedOn,
            FieldUse.ForSamovar => destination.Dialect.IsSamovar ? FieldUse.PassedOn : FieldUse.Named,
            _ => use,
        };
    }

    /// <summary>
    /// Writes the fields that are sent as they came; returns the names of those that are not understood and would have said something.
    /// </summary>
    public static IReadOnlyList<string> WriteForwarded(this UpstreamBody body, CreateRequest request, Destination destination)
    {
        List<string>? dropped = null;
        foreach (var (name, value) in request.Fields)
        {
            switch (For(request, name, destination))
            {
                case FieldUse.PassedOn: body.Field(name, value); break;
                case FieldUse.Named when value.IsSet(): (dropped ??= []).Add(name); break;
                case FieldUse.Refused when FieldReport.Asks(request, name, value): throw CannotSend.Field(name);
            }
        }
        var inner = FieldReport.LeftOut(
            request, destination, static (uses, destination) => In(uses, destination) == FieldUse.Named, innerOnly: true);
        return dropped is null ? inner : [.. dropped, .. inner];
    }
}

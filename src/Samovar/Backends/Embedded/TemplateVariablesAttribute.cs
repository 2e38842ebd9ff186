using System.ComponentModel.DataAnnotations;
using Samovar.Protocol.Fields;

namespace Samovar.Backends.Embedded;

/// <summary>Holds that an option is a JSON object of variables that a chat template may be given.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TemplateVariablesAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is null || VariablesForm.FaultOf((string)value, out _) is not { } fault ? ValidationResult.Success
            : new ValidationResult($"The variables of the template are no such object: {fault}", [validationContext.MemberName!]);
}

namespace Samovar.Protocol.Errors;

/// <summary>One row of the error catalogue.</summary>
/// <param name="Code">What clients match on.</param>
/// <param name="Type">The error's family on the wire.</param>
/// <param name="Status">HTTP status, and <c>status</c> of the WebSocket envelope.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
/// <param name="Message">Text with <c>{0}</c> … places.</param>
public sealed record ErrorKind(string Code, string Type, int Status, bool Retryable, string Message);

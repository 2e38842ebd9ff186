namespace Samovar.Backends.Embedded.Dialects;

/// <summary>How a model writes calls and reasoning.</summary>
internal enum Dialect { Hermes, Llama, Mistral, Harmony, DeepSeek, Json, Plain }

using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Faults;

/// <summary>A destination that lacks a model, as servers and services say it.</summary>
public sealed class MissingModelTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(404, """{"error":{"message":"The model `x` does not exist or you do not have access to it.","code":"model_not_found"}}""")]
    [InlineData(404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""")]
    [InlineData(404, """{"error":"model \"m\" not found, try pulling it first"}""")]
    [InlineData(404, """{"error":{"message":"model 'm:8b' not found","type":"api_error_of_ollama","param":null,"code":null}}""")]
    [InlineData(404, """{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}""")]
    [InlineData(404, """{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":"model","code":404}}""")]
    [InlineData(404, """{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}""")]
    [InlineData(404, """{"error":{"code":"ModelNotOpen","message":"Your account has not activated the model x."}}""")]
    [InlineData(404, """{"error":{"code":"InvalidEndpointOrModel.NotFound","message":"The model or endpoint x does not exist."}}""")]
    [InlineData(404, """{"error":{"code":404,"message":"models/x is not found for API version v1beta, or is not""" +
        """ supported.","status":"NOT_FOUND"}}""")]
    [InlineData(404, """{"error":{"message":"No models loaded. Please load a model in the developer page."}}""")]
    [InlineData(400, """{"error":{"message":"Model Not Exist","type":"invalid_request_error","code":"invalid_request_error"}}""")]
    [InlineData(400, """{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}""")]
    [InlineData(400, """{"error":{"message":"x/y is not a valid model ID","code":400}}""")]
    [InlineData(400, """{"error":{"message":"The requested model is not supported.","code":"model_not_supported","param":"model"}}""")]
    [InlineData(400, """{"detail":"The 'x' model is not supported when using Codex with a ChatGPT account."}""")]
    [InlineData(400, """{"message":"The provided model identifier is invalid."}""")]
    [InlineData(400, """{"error":{"message":"Invalid model name passed in model=x. Call `/v1/models`.","type":"None"}}""")]
    public void ModelThatTheDestinationLacks_IsNotTheRequestsFault(int status, string body)
    {
        foreach (var given in new[] { status, 0 })
            Assert.Equal(FaultKind.NoModel, FaultReader.Read(RawJson.Of(body), given, Now).Kind);
    }

    [Theory]
    [InlineData("""{"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","param":"temperature"}}""")]
    [InlineData("""{"error":{"message":"The model `x` does not support image input."}}""")]
    [InlineData("""{"error":{"message":"The model returned a call of a tool that was not found."}}""")]
    [InlineData("""{"error":{"message":"Tool 'read' is not supported with this model."}}""")]
    [InlineData("""{"error":{"message":"messages[2]: model output is invalid"}}""")]
    [InlineData("""{"error":{"message":"The model `x` does not exist.","param":"input[0].content"}}""")]
    [InlineData("""{"error":{"message":"[{'type':'string_type','input':'Error: model gpt-5 not found'}]","type":"BadRequestError"}}""")]
    [InlineData("""{"message":"1 validation error: body.input.0: not valid, input_value='the model x does not exist'"}""")]
    [InlineData("""{"error":{"message":"No.","code":"tool_use_not_supported_by_model"}}""")]
    public void WhatARequestAsksOfAModel_IsTheRequestsFault(string body) =>
        Assert.Equal(FaultKind.Refused, FaultReader.Read(RawJson.Of(body), 400, Now).Kind);
}

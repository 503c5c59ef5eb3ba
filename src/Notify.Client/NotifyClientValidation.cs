using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Notify.Client;

/// <summary>Checks <see cref="NotifyClientOptions"/> and reports everything that is wrong at once.</summary>
internal sealed class NotifyClientValidation : IValidateOptions<NotifyClientOptions>
{
    public ValidateOptionsResult Validate(string? name, NotifyClientOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        string[] problems =
        [
            .. results.Select(result => result.ErrorMessage!), // A failed result has a message.
            .. options.Upstreams.Where(address => !IsAddress(address)).Select(address =>
                $"Upstream '{address}' is not an address of the form http://host:port or https://host:port."),
            .. options.Limits?.Problems(nameof(options.Limits)) ?? [],
            .. options.Backoff?.Problems(nameof(options.Backoff)) ?? [],
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsAddress(Uri? address) =>
        address is { IsAbsoluteUri: true } && address.PathAndQuery == "/" && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}

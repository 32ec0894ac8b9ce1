#include "engine/tls/certificate.h"

#include "engine/base/encoding.h"
#include "engine/base/text.h"
#include "engine/crypto/digest.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace signalbox::tls {
namespace {

struct AttributeName {
    std::string_view number;
    std::string_view name;
    int rank;  ///< Its place in the subject as it is printed; 0: not in it.
};

// An array of the language: g++ keeps a deduced std::array where it could be written.
constexpr AttributeName kAttributeNames[] = {
    AttributeName{"2.5.4.5", "SERIALNUMBER", 1},
    AttributeName{"2.5.4.3", "CN", 2},
    AttributeName{"2.5.4.17", "POSTALCODE", 3},
    AttributeName{"2.5.4.9", "STREET", 4},
    AttributeName{"2.5.4.8", "ST", 5},
    AttributeName{"2.5.4.7", "L", 6},
    AttributeName{"2.5.4.11", "OU", 7},
    AttributeName{"2.5.4.10", "O", 8},
    AttributeName{"2.5.4.6", "C", 9},
    AttributeName{"0.9.2342.19200300.100.1.25", "DC", 0},
    AttributeName{"0.9.2342.19200300.100.1.1", "UID", 0},
};

/// Only one of these counts, the last.
constexpr bool is_single(int rank) {
    return rank <= 2;
}

BioPtr memory(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

/// A key that is behind a password must not make the library ask for one on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

std::string text_of(ASN1_OBJECT const* type) {
    std::array<char, 128> number{};
    OBJ_obj2txt(number.data(), static_cast<int>(number.size()), type, 1);
    auto const known =
        std::ranges::find(kAttributeNames, std::string_view(number.data()), &AttributeName::number);
    return std::string(known == std::end(kAttributeNames) ? std::string_view(number.data())
                                                          : known->name);
}

std::string text_of(ASN1_STRING const* value) {
    unsigned char* utf8 = nullptr;
    int const size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size < 0) {
        ERR_clear_error();
        return {};
    }
    std::string text(reinterpret_cast<char const*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

std::vector<RelativeName> names_of(X509_NAME const* subject) {
    std::vector<RelativeName> names;
    int last_set = -1;
    for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
        X509_NAME_ENTRY const* const entry = X509_NAME_get_entry(subject, i);
        if (int const set = X509_NAME_ENTRY_set(entry); set != last_set) {
            names.emplace_back();
            last_set = set;
        }
        names.back().push_back({.type = text_of(X509_NAME_ENTRY_get_object(entry)),
                                .value = text_of(X509_NAME_ENTRY_get_data(entry))});
    }
    return names;
}

/// By RFC 4514.
std::string escaped(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        char const c = value[i];
        bool const at_end = i == 0 || i + 1 == value.size();
        if (std::string_view(",+\"\\<>;").find(c) != std::string_view::npos ||
            (c == ' ' && at_end) || (c == '#' && i == 0)) {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out;
}

std::string domain_components(std::vector<RelativeName> const& names) {
    std::string out;
    for (RelativeName const& name : names) {
        for (NameAttribute const& attribute : name) {
            if (attribute.type == "DC") {
                append(out, ",DC=", attribute.value);
            }
        }
    }
    return out;
}

std::string digest_of(unsigned char* der, int size) {
    if (der == nullptr || size < 0) {
        return {};
    }
    std::string const hash =
        crypto::sha256(Bytes(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return base::to_hex(hash);
}

}  // namespace

Result<std::vector<X509Ptr>> read_certificates(std::string_view pem) {
    ERR_clear_error();
    BioPtr const bio = memory(pem);
    std::vector<X509Ptr> found;
    while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) {
        found.emplace_back(certificate);
    }
    // The end of the text is an error too, of its own kind.
    bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end) {
        return Error(Errc::Malformed, take_library_error());
    }
    ERR_clear_error();
    return found;
}

Result<KeyPtr> read_key(std::string_view pem) {
    ERR_clear_error();
    BioPtr const bio = memory(pem);
    KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key) {
        return Error(Errc::Malformed, take_library_error());
    }
    return key;
}

std::string pem_of(X509* certificate) {
    BioPtr const bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    return text_of(bio.get());
}

std::string spki_digest(X509* certificate) {
    unsigned char* der = nullptr;
    int const size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    return digest_of(der, size);
}

PeerCertificate facts_of(X509* certificate) {
    unsigned char* der = nullptr;
    int const size = i2d_X509(certificate, &der);
    return {.subject = subject_text(names_of(X509_get_subject_name(certificate))),
            .spki_sha256 = spki_digest(certificate),
            .cert_sha256 = digest_of(der, size),
            .pem = pem_of(certificate)};
}

WallTime not_after(X509* certificate) {
    return wall_time_of(X509_get0_notAfter(certificate));
}

WallTime wall_time_of(ASN1_TIME const* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        ERR_clear_error();
        return {};
    }
    // Some never end, which is past what a WallTime can say.
    constexpr int kLastYear = 2200;
    std::chrono::sys_days const day = std::chrono::year(std::min(parts.tm_year + 1900, kLastYear)) /
                                      (parts.tm_mon + 1) / parts.tm_mday;
    return WallTime(day.time_since_epoch() + base::hours(parts.tm_hour) +
                    base::minutes(parts.tm_min) + base::seconds(parts.tm_sec));
}

std::string subject_text(std::vector<RelativeName> const& names) {
    // In the order of printing; several of one type stand together, as one multi-valued part.
    std::array<std::string, 10> parts;
    for (RelativeName const& name : names) {
        for (NameAttribute const& attribute : name) {
            auto const known =
                std::ranges::find(kAttributeNames, attribute.type, &AttributeName::name);
            if (known == std::end(kAttributeNames) || known->rank == 0) {
                continue;
            }
            std::string& part = parts[static_cast<std::size_t>(known->rank)];
            if (is_single(known->rank)) {
                part.clear();
            }
            append(part, part.empty() ? "" : "+", attribute.type, "=", escaped(attribute.value));
        }
    }
    std::string text;
    for (std::string const& part : parts) {
        if (!part.empty()) {
            append(text, text.empty() ? "" : ",", part);
        }
    }
    return text;
}

/// Schemes are the same in any case of their letters, and what follows them is not.
std::string with_lower_scheme(std::string uri) {
    std::size_t const end = uri.find(':');
    return end == std::string::npos ? uri : base::to_lower(uri.substr(0, end)).append(uri, end);
}

void read_names(X509* certificate, PeerIdentity& identity) {
    identity.names = names_of(X509_get_subject_name(certificate));
    identity.subject = subject_text(identity.names);
    if (std::string const domain = domain_components(identity.names); !domain.empty()) {
        identity.subject_with_domain = identity.subject + domain;
    }
    auto* const others = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(others); ++i) {
        GENERAL_NAME const* const name = sk_GENERAL_NAME_value(others, i);
        bool const is_text =
            name->type == GEN_EMAIL || name->type == GEN_DNS || name->type == GEN_URI;
        if (!is_text) {
            continue;
        }
        std::string text = text_of(name->d.ia5);
        // A name that ends early for whoever reads it as C text is nobody's.
        if (text.empty() || text.find('\0') != std::string::npos) {
            continue;
        }
        auto& list = name->type == GEN_EMAIL ? identity.emails
                     : name->type == GEN_DNS ? identity.dns_names
                                             : identity.uris;
        list.push_back(name->type == GEN_URI ? with_lower_scheme(std::move(text))
                                             : std::move(text));
    }
    GENERAL_NAMES_free(others);
    ERR_clear_error();
}

}  // namespace signalbox::tls

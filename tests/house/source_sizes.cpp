#include "tests/house/source_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace signalbox::house {

namespace {

enum class Scope {
    Namespace,
    Class,
    Enum,
    Function,
    Init,
    Block
};

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool has_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        bool const before = at == 0 || !is_word(text[at - 1]);
        std::size_t const end = at + word.size();
        if (before && (end == text.size() || !is_word(text[end]))) {
            return true;
        }
    }
    return false;
}

std::string trimmed(std::string_view text) {
    std::size_t const first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

/// Without what stands in angle brackets, innermost first, so that only plain commas are left.
/// Comparisons lose nothing: in the heads looked at there are none but in `operator<`.
std::string without_template_arguments(std::string_view text) {
    std::string plain;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const arrow = text[i] == '>' && i > 0 && (text[i - 1] == '-' || text[i - 1] == '=');
        bool const is_operator = plain.ends_with("operator") || plain.ends_with("operator<");
        if (text[i] == '<' && !is_operator) {
            ++depth;
        } else if (text[i] == '>' && !arrow && depth > 0) {
            --depth;
        } else if (depth == 0) {
            plain += text[i];
        }
    }
    return plain;
}

/// Without `word(…)`.
void remove_call(std::string& text, std::string_view word) {
    std::size_t const at = text.find(std::string(word) + "(");
    if (at == std::string::npos) {
        return;
    }
    int depth = 0;
    for (std::size_t i = at + word.size(); i < text.size(); ++i) {
        depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        if (depth == 0) {
            text.erase(at, i + 1 - at);
            return;
        }
    }
}

std::string plain_head(std::string_view head) {
    std::string plain = without_template_arguments(head);
    for (std::string_view label : {"public:", "private:", "protected:", "public slots:",
                                   "private slots:", "signals:", "Q_OBJECT"}) {
        for (std::size_t at = plain.find(label); at != std::string::npos; at = plain.find(label)) {
            plain.erase(at, label.size());
        }
    }
    for (std::string_view word :
         {"alignas", "GUARDED_BY", "REQUIRES", "noexcept", "decltype", "requires"}) {
        remove_call(plain, word);
    }
    return trimmed(plain);
}

/// Whether the brace that follows belongs to a member's initialiser in a constructor.
bool in_constructor_initialisers(std::string const& head) {
    std::size_t const close = head.find(')');
    if (close == std::string::npos || !is_word(head.back())) {
        return false;
    }
    std::size_t const colon = head.find(" : ", close);
    std::size_t const word = head.find_last_of(" ,:");
    std::string const last = head.substr(word + 1);
    return colon != std::string::npos && last != "const" && last != "override" && last != "final";
}

Scope classify(std::string const& head) {
    if (has_word(head, "namespace") || head == "extern") {
        return Scope::Namespace;
    }
    if (head.starts_with("enum")) {
        return Scope::Enum;
    }
    bool const parentheses = head.find('(') != std::string::npos;
    bool const is_type =
        has_word(head, "class") || has_word(head, "struct") || has_word(head, "union");
    if (is_type && !parentheses && head.find('=') == std::string::npos) {
        return Scope::Class;
    }
    bool const initialises = head.ends_with('=') || in_constructor_initialisers(head);
    return parentheses && !initialises ? Scope::Function : Scope::Init;
}

int count_parameters(std::string const& head) {
    std::size_t open = head.find('(');
    if (open != std::string::npos && head.substr(0, open).ends_with("operator")) {
        open = head.find('(', open + 1);
    }
    if (open == std::string::npos) {
        return 0;
    }
    int depth = 0;
    int commas = 0;
    bool any = false;
    for (std::size_t i = open; i < head.size(); ++i) {
        depth += head[i] == '(' ? 1 : head[i] == ')' ? -1 : 0;
        if (depth == 0) {
            break;
        }
        commas += depth == 1 && head[i] == ',' ? 1 : 0;
        any = any || (i > open && head[i] != ' ' && head[i] != '\n');
    }
    return any ? commas + 1 : 0;
}

/// Whether a declaration in a class is one of a data member, and so 1 or 0.
int count_members(std::string declaration) {
    constexpr std::array kOther = {"using", "friend", "static",   "typedef", "template", "enum",
                                   "class", "struct", "explicit", "virtual", "operator", "union",
                                   "#",     "Q_",     "inline",   "~"};
    if (std::size_t const init = declaration.find('='); init != std::string::npos) {
        // A function may be defaulted; a parenthesis before the sign says so below.
        declaration.resize(init);
    }
    declaration = trimmed(declaration);
    if (declaration.empty() || declaration.find('(') != std::string::npos) {
        return 0;
    }
    bool const other = std::ranges::any_of(
        kOther, [&](char const* word) { return declaration.starts_with(word); });
    // A type and a name at least.
    if (other || declaration.find(' ') == std::string::npos) {
        return 0;
    }
    return 1;
}

class SizeReader {
public:
    explicit SizeReader(std::string_view code) : code_(code) {}

    Sizes read() {
        for (std::size_t i = 0; i < code_.size(); ++i) {
            i = past_directive(i);
            if (i < code_.size()) {
                take(code_[i]);
            }
        }
        return std::move(sizes_);
    }

private:
    struct Open {
        Scope scope = Scope::Namespace;
        std::string head;  ///< What stood before the brace.
        int line = 0;
        int members = 0;
    };

    /// Past the preprocessor's line, if one begins at `i`.
    std::size_t past_directive(std::size_t i) {
        bool const first = code_.substr(0, i).find_last_not_of(" \t") == std::string_view::npos ||
                           code_[code_.substr(0, i).find_last_not_of(" \t")] == '\n';
        if (code_[i] != '#' || !first) {
            return i;
        }
        while (i < code_.size() && (code_[i] != '\n' || code_[i - 1] == '\\')) {
            line_ += code_[i] == '\n' ? 1 : 0;
            ++i;
        }
        return i;
    }

    void take(char c) {
        line_ += c == '\n' ? 1 : 0;
        if (c == '{') {
            open();
        } else if (c == '}') {
            close();
        } else if (c == ';' && !inside_code()) {
            if (!open_.empty() && open_.back().scope == Scope::Class) {
                open_.back().members += count_members(plain_head(head_));
            }
            head_.clear();
        } else if (!inside_code()) {
            head_ += c == '\t' ? ' ' : c;
        }
    }

    bool inside_code() const {
        return !open_.empty() &&
               (open_.back().scope == Scope::Function || open_.back().scope == Scope::Block ||
                open_.back().scope == Scope::Init || open_.back().scope == Scope::Enum);
    }

    void open() {
        Scope scope = Scope::Block;
        std::string head;
        if (!inside_code()) {
            head = plain_head(head_);
            scope = classify(head);
        }
        open_.push_back({scope, scope == Scope::Init ? head_ : head, line_, 0});
        head_.clear();
    }

    void close() {
        if (open_.empty()) {
            return;
        }
        Open const done = std::move(open_.back());
        open_.pop_back();
        if (done.scope == Scope::Function) {
            sizes_.functions.push_back({done.line, line_ - done.line, count_parameters(done.head)});
        } else if (done.scope == Scope::Class) {
            sizes_.classes.push_back({done.head, done.line, done.members});
        }
        // What was initialised goes on to its semicolon; the mark stands for the braces.
        head_ = done.scope == Scope::Init ? done.head + '@' : std::string();
    }

    std::string_view code_;
    int line_ = 1;
    std::string head_;
    std::vector<Open> open_;
    Sizes sizes_;
};

}  // namespace

Sizes sizes_of(std::string_view code) {
    return SizeReader(code).read();
}

}  // namespace signalbox::house

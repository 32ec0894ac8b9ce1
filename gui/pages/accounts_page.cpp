#include "gui/pages/accounts_page.h"

#include "gui/icons.h"
#include "gui/models/account_text.h"
#include "gui/widgets/live_table.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

using Act = host::PermissionQuestion::Act;
using Reason = host::PermissionAnswer::Reason;

QString code(std::string const& text) {
    return QStringLiteral("<code>%1</code>").arg(QString::fromStdString(text).toHtmlEscaped());
}

QString reasonText(host::PermissionAnswer const& answer) {
    switch (answer.reason) {
        case Reason::NotASubject:
            return AccountsPage::tr("That is no subject: no blanks, no empty parts between dots.");
        case Reason::Reserved:
            return AccountsPage::tr("Servers keep this to themselves, whatever is written.");
        case Reason::NoRules:
            return AccountsPage::tr("No permissions are written, so everything is allowed.");
        case Reason::Allowed:
            return AccountsPage::tr("Decided by allow %1.").arg(code(answer.by));
        case Reason::Denied:
            return AccountsPage::tr("Decided by deny %1; a deny wins over any allow.")
                .arg(code(answer.by));
        case Reason::NotDenied:
            return AccountsPage::tr("No line denies it, and there is no list of what is allowed.");
        case Reason::NotAllowed:
            return answer.allow.empty()
                       ? AccountsPage::tr(
                             "There is a list of what is allowed, and no line of it "
                             "covers this.")
                       : AccountsPage::tr(
                             "Lines that name queue groups narrow it, and none names "
                             "this group.");
        case Reason::AnswersOnly:
            return AccountsPage::tr(
                "It may publish answers to requests it was sent, and nothing "
                "else.");
    }
    return {};
}

}  // namespace

AccountsPage::AccountsPage(PageContext const& context)
    : Page(context, {QStringLiteral("accounts"), tr("Accounts"), QStringLiteral("accounts")}),
      model_(new AccountModel(this)) {
    origin_ = new QLabel;
    origin_->setProperty("role", "muted");
    origin_->setAccessibleName(tr("Where the accounts come from"));
    tools().addWidget(origin_);
    tools().addStretch(1);
    makeTable();
    details_ = new QTextBrowser;
    details_->setAccessibleName(tr("The selected account or user"));
    details_->setOpenLinks(false);
    connect(details_, &QTextBrowser::anchorClicked, this, &AccountsPage::follow);
    auto* const left = new QSplitter(Qt::Vertical);
    left->addWidget(table_);
    left->addWidget(makeQuestion());
    left->setStretchFactor(0, 1);
    left->setSizes({420, 250});
    auto* const whole = new QSplitter(Qt::Horizontal);
    whole->addWidget(left);
    whole->addWidget(details_);
    whole->setStretchFactor(0, 1);
    whole->setSizes({790, 310});
    body().addWidget(whole, 1);
    setIdleState({.icon = QStringLiteral("accounts"),
                  .title = tr("No broker runs"),
                  .text = tr("The accounts of a broker would be here, with their users, what each "
                             "of them may publish and subscribe to, and what they share."),
                  .needed = Capability::Accounts});
    connect(&context.source, &DataSource::configurationChanged, this,
            &AccountsPage::takeConfiguration);
    connect(&context.source, &DataSource::capabilitiesChanged, this, [this] { showIdle(); });
    connect(&context.source, &DataSource::stateChanged, this,
            [this] { showAccounts(server(this->context().source.latest())); });
    takeConfiguration();
}

void AccountsPage::makeTable() {
    table_ = new LiveTable(context().theme, tr("Accounts"));
    table_->setModel(model_);
    table_->setColumnWidths({150, 84, 200, 104, 56, 84, 92}, AccountModel::Rules);
    table_->setColumnHidden(AccountModel::Subscriptions, true);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    restoreColumns(*table_, title().id);
    connect(table_, &LiveTable::visibleRowsChanged, model_, &AccountModel::setVisibleRows);
    connect(table_, &LiveTable::expandToggled, model_, &AccountModel::toggle);
    connect(table_, &QAbstractItemView::activated, this,
            [this](QModelIndex const& index) { model_->toggle(index.row()); });
    connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &AccountsPage::showSelected);
}

QWidget* AccountsPage::makeQuestion() {
    question_ = new QFrame;
    question_->setObjectName(QStringLiteral("card"));
    who_ = new QComboBox;
    who_->setAccessibleName(tr("Who"));
    who_->setMinimumWidth(150);
    act_ = new QComboBox;
    act_->setAccessibleName(tr("Act"));
    act_->addItem(tr("publish to"), static_cast<int>(Act::Publish));
    act_->addItem(tr("subscribe to"), static_cast<int>(Act::Subscribe));
    subject_ = new QLineEdit;
    subject_->setPlaceholderText(tr("subject, such as orders.new"));
    subject_->setAccessibleName(tr("Subject"));
    queue_ = new QLineEdit;
    queue_->setPlaceholderText(tr("queue group"));
    queue_->setAccessibleName(tr("Queue group"));
    queue_->setMaximumWidth(130);
    answer_ = new QTextBrowser;
    answer_->setAccessibleName(tr("Answer"));
    answer_->setOpenLinks(false);
    connect(answer_, &QTextBrowser::anchorClicked, this, &AccountsPage::follow);
    auto* const row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("May")));
    row->addWidget(who_);
    row->addWidget(act_);
    row->addWidget(subject_, 1);
    row->addWidget(queue_);
    row->addWidget(new QLabel(tr("?")));
    auto* const column = new QVBoxLayout(question_);
    column->setContentsMargins(12, 10, 12, 10);
    column->addLayout(row);
    column->addWidget(answer_, 1);
    connect(who_, &QComboBox::currentIndexChanged, this, &AccountsPage::ask);
    connect(act_, &QComboBox::currentIndexChanged, this, &AccountsPage::ask);
    connect(subject_, &QLineEdit::textChanged, this, &AccountsPage::ask);
    connect(queue_, &QLineEdit::textChanged, this, &AccountsPage::ask);
    return question_;
}

void AccountsPage::takeConfiguration() {
    configuration_ = context().source.running();
    accounts_ = configuration_ ? accountsOf(configuration_->options) : std::vector<AccountEntry>();
    QString const file = configuration_ ? QFileInfo(configuration_->path).fileName() : QString();
    origin_->setText(!configuration_  ? QString()
                     : file.isEmpty() ? tr("as the broker was started, without a file")
                                      : tr("as %1 says").arg(file));
    question_->setVisible(configuration_ != nullptr);
    showIdentities();
    showAccounts(server(context().source.latest()));
}

void AccountsPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    showAccounts(server(snapshot));
}

void AccountsPage::showAccounts(observe::ServerSnapshot const* server) {
    if (!configuration_) {
        accounts_.clear();
        if (server != nullptr && server->accounts) {
            for (observe::AccountRow const& account : *server->accounts) {
                accounts_.push_back({.name = account.name});
            }
        }
    }
    showIdle();
    model_->show(accounts_,
                 server == nullptr ? std::vector<observe::ConnectionRow>() : server->open);
    if (table_->currentIndex().row() < 0 && model_->rowCount() > 0) {
        table_->selectRow(0);
    }
}

void AccountsPage::showSelected() {
    QModelIndexList const rows = table_->selectionModel()->selectedRows();
    AccountLine const* const line = rows.isEmpty() ? nullptr : model_->rowAt(rows.front().row());
    AccountEntry const* const account =
        line == nullptr ? nullptr : findAccount(accounts_, line->account);
    if (account == nullptr) {
        details_->clear();
        return;
    }
    observe::AccountRow const* figures = nullptr;
    observe::ServerSnapshot const* const one = server(context().source.latest());
    if (one != nullptr && one->accounts) {
        for (observe::AccountRow const& row : *one->accounts) {
            figures = row.name == account->name ? &row : figures;
        }
    }
    if (!configuration_) {
        details_->setHtml(figures == nullptr ? QString() : figuresHtml(*figures));
        return;
    }
    UserEntry const* const user = line->user ? findUser(*account, line->id) : nullptr;
    details_->setHtml(user == nullptr ? accountHtml(*configuration_, *account, figures)
                                      : userHtml(*configuration_, *account, *user));
    for (std::size_t i = 0; user != nullptr && i < identities_.size(); ++i) {
        if (identities_[i].first == account->name &&
            &account->users[identities_[i].second] == user) {
            who_->setCurrentIndex(static_cast<int>(i));
        }
    }
}

void AccountsPage::showIdentities() {
    QSignalBlocker const blocker(who_);
    QString const before = who_->currentText();
    who_->clear();
    identities_.clear();
    for (AccountEntry const& account : accounts_) {
        for (std::size_t i = 0; i < account.users.size(); ++i) {
            QString const name = userText(account.users[i]);
            who_->addItem(account.name == "$G" ? name
                                               : QStringLiteral("%1 (%2)").arg(
                                                     name, QString::fromStdString(account.name)));
            identities_.emplace_back(account.name, i);
        }
    }
    who_->setCurrentIndex(std::max(0, who_->findText(before)));
    ask();
}

void AccountsPage::ask() {
    bool const subscribes = act_->currentData().toInt() == static_cast<int>(Act::Subscribe);
    queue_->setEnabled(subscribes);
    auto const at = static_cast<std::size_t>(std::max(0, who_->currentIndex()));
    AccountEntry const* const account =
        at < identities_.size() ? findAccount(accounts_, identities_[at].first) : nullptr;
    if (account == nullptr) {
        answer_->setHtml(tr("<p>Nobody can connect with what this configuration says.</p>"));
        return;
    }
    if (subject_->text().isEmpty()) {
        answer_->setHtml(
            tr("<p>Write a subject: the answer names the line that decides, and every "
               "line that speaks of it.</p>"));
        return;
    }
    UserEntry const& user = account->users[identities_[at].second];
    host::PermissionAnswer const answer =
        host::ask_permission(user.permissions ? &*user.permissions : nullptr,
                             {.act = subscribes ? Act::Subscribe : Act::Publish,
                              .subject = subject_->text().toStdString(),
                              .queue = subscribes ? queue_->text().toStdString() : std::string(),
                              .in_system_account = account->system});
    answer_->setHtml(answerHtml(answer, *account, user));
}

QString AccountsPage::answerHtml(host::PermissionAnswer const& answer, AccountEntry const& account,
                                 UserEntry const& user) const {
    ThemeTokens const& tokens = context().theme.tokens();
    QString const verdict =
        answer.allowed ? tr("✓ Yes, %1 may %2 %3.") : tr("✗ No, %1 may not %2 %3.");
    QString html = QStringLiteral("<p style='color:%1'><b>%2</b></p><p>%3</p>")
                       .arg((answer.allowed ? tokens.good : tokens.error).name(),
                            verdict.arg(userText(user).toHtmlEscaped(), act_->currentText(),
                                        code(subject_->text().toStdString())),
                            reasonText(answer));
    if (answer.screened) {
        html +=
            tr("<p>Not all that matches is delivered: what is denied, or not allowed by a "
               "line, is left out message by message.</p>");
    }
    html += linesHtml(answer.allow, true, answer.by, account, user);
    html += linesHtml(answer.deny, false, answer.by, account, user);
    bool const written = user.permissions.has_value() && answer.reason != Reason::NotASubject;
    if (written && answer.allow.empty()) {
        html += tr("<p>No line allows it.</p>");
    }
    if (written && answer.deny.empty()) {
        html += tr("<p>No line denies it.</p>");
    }
    return html;
}

QString AccountsPage::linesHtml(std::vector<std::string> const& lines, bool allow,
                                std::string const& by, AccountEntry const& account,
                                UserEntry const& user) const {
    bool const publishes = act_->currentData().toInt() == static_cast<int>(Act::Publish);
    RuleList const list = publishes ? (allow ? RuleList::PublishAllow : RuleList::PublishDeny)
                                    : (allow ? RuleList::SubscribeAllow : RuleList::SubscribeDeny);
    QString html;
    for (std::string const& line : lines) {
        QString text =
            QStringLiteral("%1 %2").arg(allow ? tr("✓ allow") : tr("✗ deny"), code(line));
        auto const at = positionOfRule(*configuration_, account.name, user.id, list, line);
        if (at && at->file) {
            text += QStringLiteral(" &nbsp;<a href=\"line:%1:%2\">%3:%2</a>")
                        .arg(QString::fromStdString(*at->file).toHtmlEscaped())
                        .arg(at->line)
                        .arg(QFileInfo(QString::fromStdString(*at->file)).fileName());
        }
        if (line == by) {
            text += tr(" ← decides");
        }
        html += QStringLiteral("<p style='margin:2px 0'>%1</p>").arg(text);
    }
    return html;
}

/// `line:FILE:NUMBER`
void AccountsPage::follow(QUrl const& link) {
    QString const place = link.toString().section(QLatin1Char(':'), 1);
    emit context().navigation.configurationWanted(place.section(QLatin1Char(':'), 0, -2),
                                                  place.section(QLatin1Char(':'), -1).toInt());
}

void AccountsPage::prepareForPicture() {
    for (int row = 0; row < model_->rowCount(); ++row) {
        AccountLine const* const line = model_->rowAt(row);
        if (line->user && !line->rules.isEmpty() && line->rules != rulesText(UserEntry())) {
            table_->selectRow(row);
            break;
        }
    }
    if (subject_->text().isEmpty()) {
        subject_->setText(QStringLiteral("orders.new"));
    }
}

void AccountsPage::saveLayout() {
    saveColumns(*table_, title().id);
}

}  // namespace signalbox::gui

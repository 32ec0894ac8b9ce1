#pragma once

#include "engine/host/permission_question.h"

#include "gui/models/account_list.h"
#include "gui/models/account_model.h"
#include "gui/pages/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QTextBrowser;

namespace signalbox::gui {

class LiveTable;

/// The accounts of the broker, who is in them and what they may do; and the answer to whether
/// somebody may publish or subscribe to something, with the line that decides.
class AccountsPage : public Page {
    Q_OBJECT

public:
    explicit AccountsPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;

private:
    void makeTable();
    QWidget* makeQuestion();
    void takeConfiguration();
    void showAccounts(observe::ServerSnapshot const* server);
    void showSelected();
    void showIdentities();
    void ask();
    QString answerHtml(host::PermissionAnswer const& answer, AccountEntry const& account,
                       UserEntry const& user) const;
    QString linesHtml(std::vector<std::string> const& lines, bool allow, std::string const& by,
                      AccountEntry const& account, UserEntry const& user) const;
    void follow(QUrl const& link);

    AccountModel* model_;
    LiveTable* table_ = nullptr;
    QTextBrowser* details_ = nullptr;
    QLabel* origin_ = nullptr;
    QWidget* question_ = nullptr;
    QComboBox* who_ = nullptr;
    QComboBox* act_ = nullptr;
    QLineEdit* subject_ = nullptr;
    QLineEdit* queue_ = nullptr;
    QTextBrowser* answer_ = nullptr;
    ConfigurationPtr configuration_;
    std::vector<AccountEntry> accounts_;
    std::vector<std::pair<std::string, std::size_t>> identities_;  ///< Account, and which user.
};

}  // namespace signalbox::gui

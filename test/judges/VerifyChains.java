import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRL;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Validates certificate chains with Java's own PKIX implementation. Each line of the given file is one chain, its fields
 * parted by tabs: name, root, certificates from the leaf up, CRLs; several files by commas, all beside that file. Prints
 * a line for each: name, tab, "OK" or why not.
 */
class VerifyChains {
    private static Path folder;
    private static CertificateFactory factory;

    public static void main(String[] arguments) throws Exception {
        Path list = Path.of(arguments[0]);
        folder = list.toAbsolutePath().getParent();
        factory = CertificateFactory.getInstance("X.509");
        for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
            String[] fields = line.split("\t", -1);
            String verdict;
            try {
                validate(fields);
                verdict = "OK";
            } catch (Exception refusal) {
                verdict = (refusal.getClass().getSimpleName() + ": " + refusal.getMessage()).replaceAll("\\s+", " ");
            }
            System.out.println(fields[0] + "\t" + verdict);
        }
    }

    private static void validate(String[] fields) throws Exception {
        X509Certificate root = certificate(fields[1]);
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        List<Certificate> chain = new ArrayList<>();
        for (String name : fields[2].split(",")) chain.add(certificate(name));
        List<CRL> crls = new ArrayList<>();
        for (String name : fields[3].split(",")) {
            crls.add(factory.generateCRL(new ByteArrayInputStream(Files.readAllBytes(folder.resolve(name)))));
        }
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls)));
        parameters.setRevocationEnabled(true);
        CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(chain), parameters);
    }

    private static X509Certificate certificate(String name) throws Exception {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
    }
}
